"""The options of `preflight`, and the check that they do not contradict each other."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.cli.failures import UsageFailed
from auditor.cli.formats import Output, outputs
from auditor.cli.options import ConnectionOptions, refuse_demo_elsewhere
from auditor.cli.scan.options import moment
from auditor.inventory.arm_id import ArmId, arm_id

if TYPE_CHECKING:
    from auditor.access.key_vault.network import Address
    from auditor.audit.preflight.report import AccountRef, Preflight


FORMATS = ("table", "json", "markdown", "html")


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightRequest:
    """The options of `preflight`, one field per option."""

    subscription: str | None
    project: str | None
    resource_group: str | None
    create: bool
    account: str | None
    discovery_account: str | None
    mode: str | None
    kind: str
    target_resource_group: str | None
    private_subnet: str | None
    steps: tuple[str, ...]
    appliance_addresses: tuple[str, ...]
    who: bool
    demo: bool
    snapshot: Path | None
    at: str | None
    form: tuple[Output, ...]
    output: Path | None
    connection: ConnectionOptions

    def outputs(self) -> tuple[Output, ...]:
        """Return the outputs to write, after checking that they can be written; raises `UsageFailed`."""
        return outputs(self.form, self.output, {"--snapshot": self.snapshot})

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts that were named, without duplicates."""
        return tuple(dict.fromkeys(text for text in (self.account, self.discovery_account) if text))


def refuse_contradictions(asked: PreflightRequest) -> None:
    """Raise `UsageFailed` for missing options and for options that contradict each other."""
    if asked.demo:
        refuse_demo_elsewhere(asked.connection.cloud, asked.snapshot)
    if asked.project is None and not asked.demo:
        raise UsageFailed("no project is named: name it with `--project`")
    by_id = (asked.project or "").startswith("/")
    if not (asked.subscription or by_id or asked.snapshot or asked.demo):
        raise UsageFailed(
            "no subscription is named: name the project's subscription with `--subscription`; "
            "`--demo` shows a preflight without any Azure"
        )
    if asked.target_resource_group is not None:
        target_id(asked.target_resource_group, None)
    subnet_id(asked)
    if asked.at:
        moment(asked.at)
    addresses(asked)


def addresses(asked: PreflightRequest) -> "tuple[Address, ...]":
    """Return the addresses of the appliance; raises `UsageFailed` for a text that is none that it can show."""
    from auditor.access.key_vault.network import address_of, unusable

    found = []
    for text in asked.appliance_addresses:
        try:
            address = address_of(text)
        except ValueError:
            raise UsageFailed(f"`--appliance-address {text}` is no address and no range: {_WRITE}") from None
        why_not = unusable(address)
        if why_not:
            raise UsageFailed(f"`--appliance-address {text}` {why_not}: {_WRITE}")
        found.append(address)
    return tuple(found)


_WRITE = "write `203.0.113.7` or `203.0.113.0/28`, or a private address such as `10.1.0.4` for a private endpoint"


def target_id(text: str, subscription: ArmId | None) -> ArmId:
    """Return the id of a resource group named by its id, or by its name in `subscription` (any if None).

    Raises `UsageFailed` for a text that is neither.
    """
    by_name = f"{subscription or '/subscriptions/any'}/resourceGroups/{text}"
    identity = arm_id(text if text.startswith("/") else by_name)
    if identity is None or identity.resource_group_id != identity:
        raise UsageFailed(
            f"`--target-resource-group {text}` is neither the name of a resource group nor its id: an id looks like "
            "`/subscriptions/ID/resourceGroups/NAME`"
        )
    return identity


def subnet_id(asked: PreflightRequest) -> ArmId | None:
    """Return the id of the subnet of the private endpoints, or None; raises `UsageFailed` for a text that is none."""
    text = asked.private_subnet
    identity = None if text is None else arm_id(text)
    if text is not None and (identity is None or identity.type.lower() != _SUBNET):
        raise UsageFailed(
            f"`--private-subnet {text}` is not the id of a subnet: it looks like `/subscriptions/ID/resourceGroups/NAME"
            "/providers/Microsoft.Network/virtualNetworks/NAME/subnets/NAME`"
        )
    return identity


_SUBNET = "microsoft.network/virtualnetworks/subnets"


def asked_again(asked: PreflightRequest, found: "Preflight") -> str:
    """Return the command that checks the same live, for a POSIX shell: the options that were given, and who is meant.

    What was read offline, for the demo or as of another time is read from Azure then.
    """
    project = found.project
    words = ["migaudit", "preflight", "--subscription", project.subscription, "--project", project.name]
    if project.resource_group:
        words += ["--resource-group", project.resource_group]
    words += ["--account", _meant(found.account)]
    if found.discovery_account != found.account:
        words += ["--discovery-account", _meant(found.discovery_account)]
    words += ["--create"] if asked.create else []
    words += ["--mode", asked.mode] if asked.mode else []
    words += ["--kind", asked.kind] if asked.kind != "vmware" else []
    for option, value in (
        ("--target-resource-group", asked.target_resource_group),
        ("--private-subnet", asked.private_subnet),
    ):
        words += [option, value] if value else []
    words += [word for step in asked.steps for word in ("--step", step)]
    words += [word for address in asked.appliance_addresses for word in ("--appliance-address", address)]
    return shlex.join(words)


def _meant(account: "AccountRef") -> str:
    """Return a text by which `--account` finds an account: a user principal name, otherwise the object id."""
    return account.name if re.fullmatch(r"[\w.][\w.+'-]*@[\w.-]+", account.name) else account.id
