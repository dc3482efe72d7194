"""The options that several commands have: which Azure is asked, as whom, for what, and what becomes of the result."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from auditor.azure.auth.sign_in import AUTH_MODES
from auditor.cli.failures import UsageFailed

Command = Callable[..., Any]
SEVERITIES = ("low", "medium", "high", "critical")
OUTPUT_FILE = click.Path(dir_okay=False, path_type=Path)


def with_options(options: Sequence[Callable[[Command], Command]]) -> Callable[[Command], Command]:
    """Return the decorator that adds the options in this order."""

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


_SCOPE = (
    click.option("--subscription", "-s", multiple=True, metavar="ID|NAME", help="Read this subscription (repeatable)."),
    click.option("--management-group", "-m", multiple=True, metavar="ID", help="Read what is below it (repeatable)."),
    click.option("--all", "all_subscriptions", is_flag=True, help="Read every subscription you can see."),
)
_RULES = (
    click.option(
        "--error",
        multiple=True,
        metavar="ID",
        help="Only the causes of this error: 60052, or any name that `explain` knows (repeatable).",
    ),
    click.option("--rule", multiple=True, metavar="ID", help="Only this rule (repeatable)."),
    click.option(
        "--rules",
        multiple=True,
        metavar="DIR",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="Also evaluate the rule files in DIR (repeatable).",
    ),
)
source_option = click.option(
    "--source",
    type=click.Choice(("auto", "arm", "graph")),
    default="auto",
    show_default=True,
    help="What tells what is in subscriptions that are not named one by one: every list of each (arm), or Azure "
    "Resource Graph, and these lists only where anything of Azure Migrate is (graph); auto takes graph for many.",
)
at_option = click.option("--at", metavar="TIME", help="Evaluate as of this time, such as 2026-11-23T10:00:00Z.")
save_snapshot_option = click.option(
    "--save-snapshot", type=OUTPUT_FILE, metavar="FILE", help="Keep what was read: .jsonl, .jsonl.zst or .yaml."
)


class Duration(click.ParamType[timedelta]):
    """Option type for a duration with its unit: `90s`, `30m`, `24h`, `2d`."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Return the duration that `value` stands for; anything else is a usage error."""
        if isinstance(value, timedelta):
            return value
        found = _DURATION.fullmatch(str(value).strip().lower())
        if found is None:
            self.fail(f"`{value}` is not a duration; write it as 30m, 24h or 2d", param, ctx)
        return timedelta(**{_UNITS[found[2]]: float(found[1])})


_DURATION = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
resume_options = with_options(
    (
        click.option(
            "--resume",
            type=OUTPUT_FILE,
            metavar="FILE",
            help="Keep what is read in FILE as the scan goes; if FILE is there, go on from it. It is removed at the "
            "end.",
        ),
        click.option(
            "--max-age",
            type=Duration(),
            default="12h",
            show_default=True,
            metavar="SPAN",
            help="Read again what is older than this in the file of `--resume`: 30m, 12h, 2d.",
        ),
    )
)


class DocsAddress(click.ParamType[str]):
    """Option type for the address at which the documentation is published."""

    name = "url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the address without a slash at its end; anything but an https address is a usage error."""
        from auditor.report.rule_pages import docs_address

        try:
            return docs_address(str(value))
        except ValueError as refused:
            self.fail(str(refused), param, ctx)


docs_url_option = click.option(
    "--docs-url",
    type=DocsAddress(),
    metavar="URL",
    help="Where the documentation is published, for links to the pages of rules (default: Microsoft's pages).",
)
output_option = click.option(
    "--output", "-o", type=OUTPUT_FILE, metavar="FILE", help="Write the result to FILE instead of stdout."
)
all_verdicts_option = click.option(
    "--all-verdicts", is_flag=True, help="Also show what passed and what does not apply."
)
fail_on_option = click.option(
    "--fail-on",
    type=click.Choice([*SEVERITIES, "never"]),
    default="high",
    show_default=True,
    help="Exit with 1 when a finding is at least this severe.",
)

_AZURE = (
    click.option(
        "--cloud",
        default="AzureCloud",
        show_default=True,
        metavar="NAME|URL",
        help="AzureCloud, AzureUSGovernment, AzureChinaCloud, or the URL of an ARM endpoint.",
    ),
    click.option("--auth", type=click.Choice(AUTH_MODES), default="default", show_default=True, help="How to sign in."),
    click.option("--tenant", metavar="ID", help="The tenant to sign in to (id or domain)."),
)
_PACE = (
    click.option(
        "--concurrency",
        type=click.IntRange(1, 512),
        default=64,
        show_default=True,
        metavar="N",
        help="Maximum number of simultaneous requests.",
    ),
    click.option(
        "--max-requests-per-second",
        "per_second",
        type=click.FloatRange(0, 10_000, min_open=True),
        metavar="N",
        help="Send at most so many requests a second to Azure, so that others with this account are not held up.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionOptions:
    """Which Azure is asked, as whom, and how many requests at once and a second; `own` if this process serves it."""

    cloud: str = "AzureCloud"
    auth: str = "default"
    tenant: str | None = None
    concurrency: int = 64
    per_second: float | None = None
    own: bool = False


def refuse_demo_elsewhere(cloud: str, snapshot: Path | None = None) -> None:
    """Raise `UsageFailed` for `--demo` with a snapshot or in another cloud: it brings its own environment."""
    if snapshot is not None:
        raise UsageFailed("`--snapshot` is what was read before: leave out `--demo`")
    if cloud != "AzureCloud":
        raise UsageFailed("`--demo` brings its own cloud: leave out `--cloud`")


_SCOPED = frozenset({"subscription", "management_group"})
_ALL = "all_subscriptions"
_OF_OWN = _SCOPED | {"cloud", "auth", "tenant", _ALL, "account", "project", "resource_group"}
"""Options that say where and about whom, by their names in Python: what presets them means one's own environment."""


def _without_presets(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options without what a variable or a file presets for another case than this one.

    With `--demo`, where and about whom is asked at home does not count; and `--all` on the command line replaces
    subscriptions that are preset, as `--subscription` there replaces a preset `--all`.
    """
    context = click.get_current_context(silent=True)
    if context is None:
        return options
    parameters = {one.name or "": one for one in context.command.params if (one.name or "") in options.keys() & _OF_OWN}
    sources = {name: context.get_parameter_source(name) for name in parameters}
    preset = {name for name, source in sources.items() if source in _PRESETS}
    given = {name for name, source in sources.items() if source is ParameterSource.COMMANDLINE}
    if options.get("demo"):
        dropped = preset
    elif _ALL in given:
        dropped = preset & _SCOPED
    else:
        dropped = preset & {_ALL} if given & _SCOPED else set()
    return {**options, **{name: _unset(parameters[name]) for name in dropped}}


_PRESETS = frozenset({ParameterSource.ENVIRONMENT, ParameterSource.DEFAULT_MAP})


def _unset(parameter: click.Parameter) -> Any:
    """Return the value of an option that nothing sets."""
    if parameter.multiple or parameter.nargs != 1:
        return ()
    if isinstance(parameter, click.Option) and parameter.is_flag:
        return False
    return getattr(ConnectionOptions(), parameter.name or "", None)


scope_options = with_options(_SCOPE)
"""Adds `--subscription`, `--management-group` and `--all`."""
rule_options = with_options(_RULES)
"""Adds `--error`, `--rule` and `--rules`."""
pace_options = with_options(_PACE)
"""Adds `--concurrency` and `--max-requests-per-second`."""


def azure_options(command: Command) -> Command:
    """Add the options of `ConnectionOptions` but `own`; `command` gets them as one argument, `connection`."""

    @wraps(command)
    def connecting(*args: Any, **options: Any) -> Any:
        options = _without_presets(options)
        given = {name: options.pop(name) for name in ("cloud", "auth", "tenant", "concurrency", "per_second")}
        return command(*args, connection=ConnectionOptions(**given), **options)

    return with_options((*_AZURE, *_PACE))(connecting)
