"""`migaudit can`: whether one account can do one action at a scope."""

import click

from auditor.cli.access.question import AccessQuestion, asked_action, environment, question_options
from auditor.cli.exit_codes import ExitCode
from auditor.cli.terminal import Terminal, to_stdout


@click.command(
    epilog="Example: migaudit can --account adele@contoso.com --action Microsoft.Migrate/migrateProjects/write "
    "--scope /subscriptions/SUBSCRIPTION_ID/resourceGroups/rg-migrate"
)
@click.option("--account", "-a", required=True, metavar="WHO", help="UPN, mail, object id or app id.")
@question_options
@click.pass_context
def can(
    context: click.Context,
    /,
    account: str,
    form: str,
    question: AccessQuestion,
) -> ExitCode:
    """Say whether an account can do an action at a scope, and why.

    The answer is allow, deny, conditional, eligible (a role could be activated) or unknown.
    """
    from auditor.access.access import Access
    from auditor.cli.access.action_warning import warn_about_action
    from auditor.cli.access.answers import answer_json, answer_parts, write_answer
    from auditor.cli.environment.accounts import asked_account
    from auditor.cli.table_style import page_style
    from auditor.facts.entities.named_ids import NamedIds
    from auditor.inventory.arm_id import ArmId
    from auditor.library.caveats import answer_of
    from auditor.report.json_text import json_text
    from auditor.report.terminal.page import Page

    wanted, plane = asked_action(question)
    where = ArmId.parse(question.scope)
    inventory = environment(question, where, Terminal.of(context), accounts=(account,))
    who = asked_account(inventory, account, Terminal.of(context))
    access = Access.of(inventory)
    warn_about_action(wanted, plane, access, Terminal.of(context))
    answer = answer_of(access, who.id, wanted, where, plane)
    if form == "json":
        to_stdout([json_text(answer_json(answer, who, wanted, plane, where))])
    else:
        page = Page(page_style(Terminal.of(context)))
        write_answer(page, answer_parts(answer, who, wanted, where, NamedIds(inventory)))
        to_stdout([page.text()])
    return ExitCode.CLEAN
