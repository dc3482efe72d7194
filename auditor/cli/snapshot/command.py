"""`migaudit snapshot`: show, compare, redact, convert or export saved snapshots."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditor.cli.exit_codes import ExitCode
from auditor.cli.outputs import ensure_different, ensure_writable
from auditor.cli.snapshot.diff import diff
from auditor.cli.snapshot.export import export
from auditor.cli.terminal import Terminal, to_stdout

if TYPE_CHECKING:
    from auditor.inventory.snapshot.snapshot import Snapshot
from auditor.cli.formats import SNAPSHOT_FILE


@click.group(epilog="Example: migaudit snapshot show contoso.jsonl.zst")
def snapshot() -> None:
    """Show, compare, redact, convert or export a saved snapshot."""


@snapshot.command(short_help="Show what is in a snapshot.", epilog="Example: migaudit snapshot show contoso.jsonl.zst")
@click.argument("file", type=SNAPSHOT_FILE)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.pass_context
def show(context: click.Context, file: Path, form: str) -> ExitCode:
    """Show what is in a snapshot: its tenant and time, the number of resources by type, and what is missing."""
    from auditor.cli.snapshot.summary import summary, summary_text
    from auditor.cli.table_style import page_style
    from auditor.inventory.snapshot.files import load
    from auditor.report.json_text import json_text

    held, terminal = load(file), Terminal.of(context)
    text = (
        json_text(summary(held))
        if form == "json"
        else summary_text(held, page_style(terminal), verbose=terminal.verbose)
    )
    to_stdout([text])
    return ExitCode.CLEAN


@snapshot.command(
    short_help="Write a snapshot in another encoding.",
    epilog="Example: migaudit snapshot convert contoso.yaml contoso.jsonl.zst",
)
@click.argument("source", type=SNAPSHOT_FILE)
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_context
def convert(context: click.Context, source: Path, target: Path) -> ExitCode:
    """Write a snapshot in the encoding that the target's name asks for: .jsonl, .jsonl.zst or .yaml."""
    from auditor.inventory.snapshot.files import load, save, suffix_of

    suffix_of(target)
    ensure_different({"SOURCE": source, "TARGET": target})
    ensure_writable(target, option="TARGET")
    held: Snapshot = load(source)
    save(held, target)
    Terminal.of(context).note(f"wrote {len(held.arm) + len(held.graph):,} resources and objects to `{target}`")
    return ExitCode.CLEAN


@snapshot.command(
    short_help="Write a snapshot with names and ids replaced by pseudonyms.",
    epilog="Example: migaudit snapshot redact contoso.jsonl.zst shareable.jsonl.zst --key contoso.key",
)
@click.argument("source", metavar="IN", type=SNAPSHOT_FILE)
@click.argument("target", metavar="OUT", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--key",
    metavar="FILE|env",
    help="The key for the pseudonyms: a file, or `env` for MIGAUDIT_REDACTION_KEY (default: random, not kept).",
)
@click.pass_context
def redact(context: click.Context, source: Path, target: Path, key: str | None) -> ExitCode:
    """Write IN to OUT with names, ids, mails and addresses replaced; a scan of OUT has the same findings.

    Equal names get equal pseudonyms, with the same key also in another snapshot. What is not replaced is listed at the
    end.
    """
    from auditor.cli.snapshot.redacting import notes, redacted_file

    ensure_different({"IN": source, "OUT": target, "--key": Path(key) if key and key != "env" else None})
    result = redacted_file(source, target, key)
    for line in notes(result, target):
        Terminal.of(context).note(line)
    return ExitCode.CLEAN


snapshot.add_command(diff)
snapshot.add_command(export)
