"""Facts about the Entra applications of a project's appliances as one account meets them."""

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Fact, Known, Unknown, any_of, combine
from auditor.facts.rights.application_control import ApplicationControl
from auditor.facts.subject import Value
from auditor.facts.subjects.application import application_name


def application_facts(context: Context, control: ApplicationControl) -> tuple[dict[str, Fact[Value]], dict[str, str]]:
    """Return facts and texts on whether the account controls the applications that registering users made."""
    ids, unread, foreign = control.ids, control.unread, control.foreign
    facts: dict[str, Fact[Value]] = {
        "has_user_application": any_of([*control.by_user, *unread]),
        "applications": Unknown(control.hidden) if control.hidden else Known(sorted(set(ids))),
        "controls_applications": control.every,
        "foreign_applications": combine(
            lambda *known: sorted({id_ for id_, ok in zip(ids, known, strict=False) if not ok}),
            *control.controlled,
            *unread,
        ),
    }
    texts = {"application": foreign[0], "application_name": application_name(context, foreign[0])} if foreign else {}
    return facts, texts
