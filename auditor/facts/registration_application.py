"""Facts about the Entra applications of a project's appliances as one account meets them."""

from auditor.facts.application import application_exists, application_name
from auditor.facts.context import Context
from auditor.facts.estate import Seat
from auditor.facts.fact import Fact, Known, Unknown, all_of, any_of, combine, map_fact, not_
from auditor.facts.grants import Account, granted
from auditor.facts.modes import Mode
from auditor.facts.subject import Value
from auditor.inventory.arm_id import ArmId


def application_facts(
    context: Context, account: Account, project: ArmId
) -> tuple[dict[str, Fact[Value]], dict[str, str]]:
    """Return facts and texts on whether the account controls the applications that registering users made.

    A pre-made application and an Arc machine's identity are nobody's to own here: they count as controlled. So does one
    that is gone, which is another fault.
    """
    seats = [seat for seat in context.estate.seats_by_project.get(project.key, ()) if seat.application_id]
    hidden = context.estate.site_gaps(project)
    unread: list[Fact[bool]] = [Unknown(hidden)] if hidden else []
    by_user = [map_fact(lambda mode: mode is Mode.USER, context.directory.mode_of(seat)) for seat in seats]
    fine = [_controlled(context, account, seat, user) for seat, user in zip(seats, by_user, strict=True)]
    ids = [seat.application_id or "" for seat in seats]
    facts: dict[str, Fact[Value]] = {
        "has_user_application": any_of([*by_user, *unread]),
        "applications": Unknown(hidden) if hidden else Known(sorted(set(ids))),
        "controls_applications": all_of([*fine, *unread]),
        "foreign_applications": combine(
            lambda *known: sorted({id_ for id_, ok in zip(ids, known, strict=False) if not ok}), *fine, *unread
        ),
    }
    foreign = [id_ for id_, ok in zip(ids, fine, strict=True) if isinstance(ok, Known) and not ok.value]
    texts = {"application": foreign[0], "application_name": application_name(context, foreign[0])} if foreign else {}
    return facts, texts


def _controlled(context: Context, account: Account, seat: Seat, by_user: Fact[bool]) -> Fact[bool]:
    there = application_exists(context, seat)
    controls = granted(context.access.controls_application(account.object_id, seat.application_id or ""))
    return any_of((not_(by_user), not_(there), controls))
