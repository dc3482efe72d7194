"""Names beside ids in what commands print; the commands for `az` keep the ids."""

from pathlib import Path

from tests.cli.running import Run

APPLICATION = "ab1d0001-7c3f-4e58-b6a2-c0a050000001"
ISAIAH = "a5e70002-6b1c-4d2e-8f30-c0a050000002"
SCOPE = "/subscriptions/0d1e2c3b-4a59-4687-9b10-c0a050000002"
QUESTION = ("--action", "Microsoft.Migrate/migrateProjects/write", "--scope", SCOPE)


def test_a_preflight(fixtures: Path, migaudit: Run) -> None:
    asked = ("--project", "contoso-dc-exit", "--account", "pradeepg@contoso.com", "--verbose")
    out = " ".join(migaudit("preflight", "--snapshot", fixtures / "contoso.yaml", *asked).out.split())
    assert f"at cdxvcenter014f2aagentauthaadapp ({APPLICATION})" in out
    assert f"az ad app owner add --id {APPLICATION} " in out


def test_questions_about_access(fixtures: Path, migaudit: Run) -> None:
    for command in (("can", "--account", ISAIAH), ("who-can",)):
        asked = (*command, "--snapshot", fixtures / "contoso.yaml", *QUESTION)
        assert f" at Contoso Shared Platform ({SCOPE})" in " ".join(migaudit(*asked).out.split())
        assert f'"scope": "{SCOPE}"' in migaudit(*asked, "--format", "json").out
