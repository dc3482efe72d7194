"""Random environments that exercise every part of the access engine, drawn from a source of choices."""

from collections.abc import Iterator
from random import Random
from typing import Any

from auditor.inventory.reads import Gap, Read
from auditor.inventory.snapshot.records import Link
from tests.access.environments import (
    EVERYONE,
    OTHER_SUB,
    READER,
    RG,
    SUB,
    TENANT,
    VAULT,
    Environment,
    Row,
    activation,
    assignment,
    definition,
    delegation,
    denial,
    eligibility,
    guid,
    management_group,
    member,
    parent,
    policy,
    vault,
)
from tests.access.generated_directory import CLIENT, DIRECTORY_LISTS, SERVICE, TEAMS, USERS, WINDOWS, furnish

ROOT_GROUP = management_group(TENANT)
OTHER_TENANT = "07e40000-0000-4000-8000-00000000bbbb"
GROUPS = [management_group(name) for name in ("platform", "landing", "sandbox")]
SCOPES = [
    "/",
    ROOT_GROUP,
    *GROUPS,
    SUB,
    OTHER_SUB,
    RG,
    RG + "2",
    VAULT,
    VAULT + "-prod",
    VAULT + "/secrets/one",
    f"{RG}/providers/Microsoft.Migrate/migrateProjects/contoso",
]
STRANGER = guid("stranger")
PRINCIPALS = [*USERS, SERVICE, *TEAMS, STRANGER]

ACTIONS = [
    "Microsoft.Migrate/migrateProjects/read",
    "Microsoft.Migrate/migrateProjects/write",
    "microsoft.migrate/MIGRATEPROJECTS/solutions/write",
    "Microsoft.KeyVault/vaults/write",
    "Microsoft.KeyVault/vaults/keys/read",
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
]
VAULT_ACTIONS = [
    "Microsoft.KeyVault/vaults/secrets/getSecret/action",
    "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
    "Microsoft.KeyVault/vaults/keys/read",
    "Microsoft.KeyVault/vaults/keys/wrap/action",
    "Microsoft.KeyVault/vaults/certificates/read",
]
QUESTIONS = [(action, "control") for action in ACTIONS] + [(action, "data") for action in (*VAULT_ACTIONS, ACTIONS[6])]

PATTERNS = [
    *["*"] * 6,
    *["*/read"] * 2,
    "Microsoft.Migrate/*",
    "Microsoft.Migrate/*/read",
    "microsoft.migrate/migrateprojects/*/WRITE",
    "Microsoft.KeyVault/vaults/*",
    "Microsoft.KeyVault/vaults/*/read",
    "Microsoft.KeyVault/vaults/secrets/*",
    "Microsoft.KeyVault/vaults/keys/read ",
    "Microsoft.Authorization/*/Write",
    "Microsoft.Storage/*/blobs/read",
    *ACTIONS,
    *VAULT_ACTIONS,
]
_NAMED = "Microsoft.Migrate/migrateProjects/write"
_BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
_TAG = "(@Resource[Microsoft.Storage/storageAccounts:name] StringEquals 'logs')"
CONDITIONS = [
    f"((!(ActionMatches{{'{_NAMED}'}})) OR {_TAG})",
    f"((!(ActionMatches{{'{_BLOBS}'}} AND NOT SubOperationMatches{{'Blob.List'}})) OR {_TAG})",
    f"((!(ActionMatches{{'{_NAMED}'}}) AND !(ActionMatches{{'{_BLOBS}'}})) || {_TAG})",
    f"((!(ActionMatches{{'{_NAMED}'}})) OR {_TAG}) AND ((!(ActionMatches{{'Microsoft.KeyVault/*'}})) OR {_TAG})",
    _TAG,
    f"(!(ActionMatches{{'{_NAMED}'}}) AND {_TAG})",
    "((!(ActionMatches{'x'})) OR (",
]
ROLES = ["role-one", "role-two", "role-three", READER, "never-read"]


class Maker:
    """A maker of environments from `choices`, its only source of randomness, so that failures can be reproduced."""

    def __init__(self, choices: Random, *, hidden: bool = True) -> None:
        self.choices = choices
        self.hidden = hidden

    def chance(self, percent: int) -> bool:
        return self.choices.randrange(100) < percent

    def some(self, pool: list[Any], most: int) -> list[Any]:
        return [self.choices.choice(pool) for _ in range(self.choices.randrange(most + 1))]

    def permission(self, condition: int = 15) -> Row:
        row: Row = {
            "actions": self.some(PATTERNS, 2),
            "notActions": self.some(PATTERNS, 1),
            "dataActions": self.some(PATTERNS, 2),
            "notDataActions": self.some(PATTERNS, 1),
        }
        return {**row, "condition": self.choices.choice(CONDITIONS)} if self.chance(condition) else row

    def environment(self) -> Environment:
        world = Environment()
        for role in ROLES[:3]:
            world.arm.append(definition(role, *(self.permission() for _ in range(1 + self.choices.randrange(2)))))
        self.grants(world)
        world.arm.extend(self.denial(index) for index in range(self.choices.randrange(3)))
        if self.chance(85):
            world.arm.append(self.vault())
        self.directory(world)
        self.tree(world)
        world.arm = list({row["id"].lower(): row for row in world.arm}.values())
        self.reading(world)
        return world

    def grants(self, world: Environment) -> None:
        makers = [assignment] * 4 + [eligibility] * 3 + [activation]
        for index in range(self.choices.randrange(10)):
            make = self.choices.choice(makers)
            properties: Row = {"name": guid(f"grant{index}")}
            if self.chance(35):
                properties["condition"] = self.choices.choice(CONDITIONS)
            if make is not assignment:
                properties.update(self.choices.choice(WINDOWS))
            if self.chance(5):
                properties["principalType"] = "ForeignGroup"
            row = make(
                self.choices.choice(PRINCIPALS), self.choices.choice(ROLES), self.choices.choice(SCOPES), **properties
            )
            world.arm.append(row)
            if make is assignment and self.chance(20):
                world.arm.extend(self.joined(row, index))
        if self.chance(25):
            world.arm.append(self.delegation())

    def delegation(self) -> Row:
        offered = {"principalId": self.choices.choice(PRINCIPALS), "roleDefinitionId": guid("role-one")}
        limited = {"delegatedRoleDefinitionIds": [READER]} if self.chance(30) else {}
        at = self.choices.choice([SUB, RG])
        return delegation(at, eligible=[offered]) if self.chance(40) else delegation(at, {**offered, **limited})

    def joined(self, row: Row, index: int) -> list[Row]:
        """Return the PIM instance behind an assignment and, for an activation, its eligibility."""
        it = row["properties"]
        name = it["roleDefinitionId"].rpartition("/")[2]
        role = next(role for role in ROLES if name in {role, guid(role)})
        more = {key: it[key] for key in ("condition", "principalType") if key in it}
        made: Row = {"originRoleAssignmentId": row["id"], **self.choices.choice(WINDOWS), **more}
        if self.chance(30):
            made["assignmentType"] = "Assigned"
            return [activation(it["principalId"], role, it["scope"], name=guid(f"join{index}"), **made)]
        made["assignmentType"] = "Activated"
        within = self.choices.choice([it["scope"], it["scope"], "/"])
        return [
            activation(it["principalId"], role, it["scope"], name=guid(f"join{index}"), **made),
            eligibility(it["principalId"], role, within, name=guid(f"from{index}"), **self.choices.choice(WINDOWS)),
        ]

    def denial(self, index: int) -> Row:
        properties: Row = {"name": guid(f"deny{index}")}
        if self.chance(25):
            properties["doNotApplyToChildScopes"] = True
        if self.chance(15):
            properties["denyAssignmentEffect"] = self.choices.choice(["audit", "Audit", "enforced"])
        if self.chance(10):
            properties["condition"] = CONDITIONS[0]
        permissions = [self.permission() for _ in range(1 + self.choices.randrange(2))]
        listed = self.some([EVERYONE, *PRINCIPALS], 2)
        excluded = self.some(PRINCIPALS, 2)
        return denial(self.choices.choice(SCOPES), listed, *permissions, excluded=excluded, **properties)

    def vault(self) -> Row:
        properties: Row = {"tenantId": OTHER_TENANT if self.chance(10) else TENANT}
        if self.chance(85):
            properties["enableRbacAuthorization"] = self.choices.choice([True, False, None])
        names = ["Get", "list", "ALL", "wrapKey", "delete"]
        if self.chance(5):
            return vault(**properties)
        properties["accessPolicies"] = [
            {
                **policy(
                    self.choices.choice(PRINCIPALS),
                    CLIENT if self.chance(20) else None,
                    keys=self.some(names, 2),
                    secrets=self.some(names, 2),
                    certificates=self.some(names, 1),
                ),
                "tenantId": OTHER_TENANT if self.chance(10) else TENANT,
            }
            for _ in range(self.choices.randrange(4))
        ]
        return vault(**properties)

    def directory(self, world: Environment) -> None:
        furnish(self.choices, world)
        nested = [(TEAMS[0], TEAMS[1])] if self.chance(50) else []
        world.links.extend(member(*edge) for edge in nested)
        for principal in (*USERS, SERVICE):
            joined = {team for team in TEAMS if self.chance(30)}
            joined |= {above for team, above in nested if team in joined}  # the directory's list is transitive
            world.links.extend(member(principal, team) for team in sorted(joined))

    def tree(self, world: Environment) -> None:
        platform, landing, sandbox = GROUPS
        edges = [
            (platform, ROOT_GROUP),
            (landing, platform),
            (sandbox, ROOT_GROUP),
            (SUB, landing),
            (OTHER_SUB, sandbox),
        ]
        drawn = [edge for edge in edges if self.chance(85)]
        world.links.extend(parent(*edge) for edge in drawn)
        above = dict(drawn)
        for row in world.arm:
            at = row.get("properties", {}).get("scope") or ""
            if at.startswith("/providers/") and self.chance(20):
                # The subscriptions' own lists include inherited assignments, by the tree that was drawn.
                heirs = (node for node in (SUB, OTHER_SUB) if at in _upwards(above, node))
                world.links.extend(Link("inheritedBy", row["id"], heir) for heir in heirs)

    def reading(self, world: Environment) -> None:
        """Set the reads of `world` (all lists, or some) and its refusals."""
        if not self.hidden:
            return
        if self.chance(40):
            every = [Read(what, at) for what, at in LISTS if not self.chance(6)]
            world.reads = [read for read in every if "Schedule" not in read.what] if self.chance(30) else every
        if self.chance(40):
            world.gaps = [Gap(what, at, 403, "AuthorizationFailed") for what, at in self.refusals(5)]
            refused = {(gap.what, gap.scope) for gap in world.gaps}
            if world.reads is not None:
                world.reads = [read for read in world.reads if (read.what, read.scope) not in refused]
        if self.chance(5):
            world.gaps.append(
                Gap("graph/groupEligibilities", self.choices.choice(USERS), 400, "AadPremiumLicenseRequired")
            )
        licensed = any("ScheduleInstances" in row["type"] for row in world.arm)
        if self.chance(5) and not licensed:
            world.gaps.append(Gap(f"{AUTH}roleEligibilityScheduleInstances", SUB, 400, "AadPremiumLicenseRequired"))

    def refusals(self, most: int) -> list[tuple[str, str]]:
        """Return some lists with a scope each, all kinds being equally likely."""
        kinds = self.some(sorted({what for what, _ in LISTS}), most)
        return [(kind, self.choices.choice([at for what, at in LISTS if what == kind])) for kind in kinds]

    def question(self, world: Environment) -> tuple[str, str, str, str]:
        """Return a random question, often one that a record of the environment decides."""
        action, plane = self.choices.choice(QUESTIONS)
        grants = [row["properties"] for row in world.arm if "principalId" in row.get("properties", {})]
        if grants and self.chance(55):
            grant = self.choices.choice(grants)
            at, whom = grant["scope"], grant["principalId"]
            inside = [scope for scope in SCOPES if scope.startswith(at.rstrip("/") + "/")]
            joined = [link.from_ for link in world.links if link.rel == "transitiveMemberOf" and link.to == whom]
            return self.choices.choice([whom, *joined]), action, self.choices.choice([at, *inside]), plane
        named = [entry["objectId"] for row in world.arm for entry in row["properties"].get("accessPolicies", ())]
        if named and self.chance(30):
            return self.choices.choice(named), self.choices.choice(VAULT_ACTIONS), VAULT, "data"
        pool = [VAULT, VAULT + "/secrets/one", RG] if plane == "data" and self.chance(70) else SCOPES
        at = self.choices.choice(pool)
        return self.holder(world) if self.chance(60) else self.choices.choice(PRINCIPALS), action, at, plane

    def holder(self, world: Environment) -> str:
        """Return a principal with a grant, or a member of a group with one."""
        named = [row["properties"]["principalId"] for row in world.arm if "principalId" in row.get("properties", {})]
        named.extend(link.from_ for link in world.links if link.rel == "transitiveMemberOf" and link.to in named)
        return str(self.choices.choice(named or PRINCIPALS))


def _upwards(above: dict[str, str], node: str) -> Iterator[str]:
    while node in above:
        node = above[node]
        yield node


AUTH = "Microsoft.Authorization/"
LISTS = [
    *(
        (f"{AUTH}{kind}", at)
        for kind in (
            "roleAssignments",
            "denyAssignments",
            "roleEligibilityScheduleInstances",
            "roleAssignmentScheduleInstances",
        )
        for at in ("/", ROOT_GROUP, *GROUPS, SUB, OTHER_SUB)
    ),
    ("Microsoft.Management/managementGroups", "/"),
    ("Microsoft.ManagedServices/registrationAssignments", SUB),
    ("Microsoft.KeyVault/vaults", SUB),
    *(("graph/transitiveMemberOf", principal) for principal in PRINCIPALS),
    *DIRECTORY_LISTS,
]
