"""The fleet file: what it means, and every mistake with its line and column."""

from pathlib import Path

import pytest

from auditor.audit.rules.mistakes import BadRule
from auditor.fleet.file import load_fleet
from auditor.fleet.tenant import FleetTenant

WHOLE = """\
tenants:
  - name: Contoso Ltd.
    auth: environment
    env: CONTOSO
    subscriptions: [contoso-prod, 0d1e2c3b-4a59-4687-9b10-c0a050000002]
    management_groups:
      - contoso-landingzones
    accounts: [adele@contoso.com]
  - {name: 7, cloud: azureusgovernment, all: true}
  - {name: stack, cloud: "https://management.local.azurestack.external", auth: cli, all: yes, env: _x9}
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "fleet.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_every_key_means_what_it_says(tmp_path: Path) -> None:
    file = write(tmp_path, WHOLE)
    assert load_fleet(file) == (
        FleetTenant(
            name="Contoso Ltd.",
            auth="environment",
            env="CONTOSO",
            subscriptions=("contoso-prod", "0d1e2c3b-4a59-4687-9b10-c0a050000002"),
            management_groups=("contoso-landingzones",),
            accounts=("adele@contoso.com",),
            place=f"{file}:4:10",
        ),
        FleetTenant(name="7", cloud="azureusgovernment", all=True, place=f"{file}:9:12"),
        FleetTenant(
            name="stack",
            cloud="https://management.local.azurestack.external",
            auth="cli",
            all=True,
            env="_x9",
            place=f"{file}:10:100",
        ),
    )


ALL = "all: true"
MISTAKES = [
    ("", "1:1", "the file is empty"),
    ("- a", "1:1", "the file needs one key, `tenants`"),
    ("tenant: []", "1:1", "the file needs one key, `tenants`"),
    ("tenants: {}", "1:10", "must be a list"),
    ("tenants: []", "1:10", "at least one tenant"),
    ("tenants: [contoso]", "1:11", "a tenant must be a mapping"),
    (f"tenants: [{{name: a, {ALL}}}]\nmore: 1", "2:1", "unknown key `more`"),
    (f"tenants: [{{{ALL}}}]", "1:11", "`name` is missing"),
    (f"tenants:\n  - name: ''\n    {ALL}", "2:11", "`name` is empty"),
    (f"tenants:\n  - name:\n    {ALL}", "2:10", "`name` is empty"),
    (f"tenants:\n  - name: [a]\n    {ALL}", "2:11", "`name` must be text"),
    (f'tenants:\n  - name: "a\\0b"\n    {ALL}', "2:11", "a character that no name has"),
    (f"tenants:\n  - name: {'a' * 201}\n    {ALL}", "2:11", "at most 200 characters"),
    (f"tenants:\n  - name: a\n    subscription: [b]\n    {ALL}", "3:5", "did you mean `subscriptions`?"),
    (f"tenants:\n  - name: a\n    name: b\n    {ALL}", "3:5", "`name` is given twice"),
    ("tenants:\n  - name: a\n    env: A", "2:5", "nothing says what to read"),
    ("tenants:\n  - name: a\n    all: false", "2:5", "nothing says what to read"),
    ("tenants:\n  - name: a\n    all: 1", "3:10", "`all` is true or false"),
    (f"tenants:\n  - name: a\n    {ALL}\n    subscriptions: [b]", "3:5", "leave it out, or `subscriptions`"),
    (f"tenants:\n  - name: a\n    {ALL}\n    management_groups: [b]", "3:5", "leave it out, or `management_groups`"),
    ("tenants:\n  - name: a\n    subscriptions: b", "3:20", "`subscriptions` must be a list"),
    ("tenants:\n  - name: a\n    subscriptions: []", "3:20", "at least one item"),
    ("tenants:\n  - name: a\n    subscriptions: [b, {}]", "3:24", "an item of `subscriptions` must be text"),
    ("tenants:\n  - name: a\n    subscriptions: [b, ~]", "3:24", "an item of `subscriptions` is empty"),
    ("tenants:\n  - name: a\n    subscriptions: [b, b]", "3:24", "`b` is given twice"),
    (f"tenants:\n  - name: a\n    cloud: AzureGermany\n    {ALL}", "3:12", "no such cloud: `AzureGermany`"),
    (f"tenants:\n  - name: a\n    cloud: http://a.example\n    {ALL}", "3:12", "begins with https://"),
    (f"tenants:\n  - name: a\n    cloud: https://\n    {ALL}", "3:12", "no host that can be read"),
    (f"tenants:\n  - name: a\n    auth: enviroment\n    {ALL}", "3:11", "did you mean `environment`?"),
    (f"tenants:\n  - name: a\n    env: CONTOSO-1\n    {ALL}", "3:10", "the prefix of variables"),
    (f"tenants:\n  - name: a\n    env: {{A: b}}\n    {ALL}", "3:10", "no secret may stand in this file"),
    (f"tenants:\n  - name: a\n    tenant_id: b\n    {ALL}", "3:5", "CONTOSO_AZURE_TENANT_ID"),
    (f"tenants:\n  - name: a\n    {ALL}\n  - name: A\n    {ALL}", "4:11", "the other one stands in line 2"),
    (f"tenants:\n  - &x\n    name: a\n    {ALL}", "2:5", "anchors and aliases"),
    ("tenants: [", "2:1", "not YAML"),
]


@pytest.mark.parametrize(("text", "place", "reason"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_is_told_with_its_place(text: str, place: str, reason: str, tmp_path: Path) -> None:
    file = write(tmp_path, text)
    with pytest.raises(BadRule) as bad:
        load_fleet(file)
    assert str(bad.value).startswith(f"{file}:{place}: ")
    assert reason in bad.value.reason


SECRET = "Zx8Q~not-for-this-file"
SECRETS = [
    f"client_secret: {SECRET}",
    f"AZURE_CLIENT_SECRET: {SECRET}",
    f"password: {SECRET}",
    f"token: {SECRET}",
    f"certificate_password: {SECRET}",
    f"env: {SECRET}",
    f"env: {{AZURE_CLIENT_SECRET: {SECRET}}}",
    f"cloud: https://me:{SECRET}@a.example",
]


@pytest.mark.parametrize("line", SECRETS)
def test_a_secret_is_refused_and_not_repeated(line: str, tmp_path: Path) -> None:
    with pytest.raises(BadRule) as bad:
        load_fleet(write(tmp_path, f"tenants:\n  - name: a\n    all: true\n    {line}\n"))
    assert "fleet.yaml:4:" in str(bad.value)
    assert SECRET not in str(bad.value)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadRule) as bad:
        load_fleet(write(tmp_path, "tenants:\n  - nam: a\n    cloud: x\n  - name: b\nmore: 1\n"))
    assert [(one.line, one.column) for one in bad.value.mistakes] == [(2, 5), (2, 5), (2, 5), (3, 12), (4, 5), (5, 1)]
