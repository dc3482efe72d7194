"""Fabrikam, the environment in which all is in order, and the edits that turn it into a situation from the field."""

import copy
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Body = dict[str, Any]

TENANT = "0fab71ca-3c58-4e92-a7d6-fab0b1c00000"
SUBSCRIPTION_ID = "5fab0001-91e4-4a7c-b035-fab0b1c00001"
SUBSCRIPTION = f"/subscriptions/{SUBSCRIPTION_ID}"
ROOT_GROUP = f"/providers/Microsoft.Management/managementGroups/{TENANT}"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-fabrikam-migrate"
PROJECT = f"{GROUP}/providers/Microsoft.Migrate/MigrateProjects/fabrikam-exit"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/fabrikamexit52c8kv"
RECOVERY_VAULT = f"{GROUP}/providers/Microsoft.RecoveryServices/vaults/fabrikam-exit-MigrateVault-1880011"
WORKSPACE = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/fabrikam-exit-oms"
WORKSPACE_GUID = "4ffab001-9b2a-4d37-8e51-fab0b1c00001"

CHRISTIE = "a5fa0001-8d3f-4e06-b2a9-fab0b1c00001"
GUEST = "a5fa0003-8d3f-4e06-b2a9-fab0b1c00003"
MOVER = "a5fa0009-8d3f-4e06-b2a9-fab0b1c00009"
DEBRAS_GROUP = "96fa0001-2a7c-4d51-8f6e-fab0b1c00001"
APPLICATION_DEVELOPER = "cf1c38e5-3621-4004-a7cb-879624dced7c"
APPLIANCE_APPLICATION = "a0fa0011-1e5d-4b39-8c60-fab0b1c00011"
APPLIANCE_PRINCIPAL = "5bfa0011-6c2e-4f18-9d47-fab0b1c00011"

OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
USER_ACCESS_ADMINISTRATOR = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"

FIXTURE = Path(__file__).parents[2] / "fixtures" / "fabrikam.yaml"


@dataclass(frozen=True)
class Environment:
    """A snapshot's document that edits may change."""

    document: dict[str, Any]

    def arm(self, arm_id: str) -> Body:
        """Return the body of a resource."""
        body: Body = self.document["arm"][self._place(arm_id)]
        return body

    def graph(self, object_id: str) -> Body:
        """Return the body of a directory object."""
        found: Body = next(body for body in self.document["graph"] if body["id"] == object_id)
        return found

    def add(self, *bodies: Body) -> None:
        """Add resources."""
        self.document["arm"].extend(bodies)

    def add_group(self, name: str) -> str:
        """Add a resource group, and return its id."""
        arm_id = f"{SUBSCRIPTION}/resourceGroups/{name}"
        self.add(resource(arm_id, "Microsoft.Resources/resourceGroups", tags={}))
        return arm_id

    def remove(self, arm_id: str, *, below: bool = False) -> None:
        """Remove a resource, on request with everything whose id continues its id."""
        place = self.document["arm"][self._place(arm_id)]["id"].lower()
        self.document["arm"][:] = [
            body
            for body in self.document["arm"]
            if body["id"].lower() != place and not (below and body["id"].lower().startswith(place + "/"))
        ]

    def link(self, relation: str, source: str, target: str) -> None:
        """Add a link."""
        self.document["links"].append({"rel": relation, "from": source, "to": target})

    def assign(self, number: int, role: str, principal: str, scope: str, kind: str = "User") -> None:
        """Add a role assignment."""
        name = f"fa55{number:04}-7b0d-4c62-8e3f-fab0b1c0{number:04}"
        subscription = "/".join(scope.split("/")[:3])
        self.add(
            {
                "id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}",
                "type": "Microsoft.Authorization/roleAssignments",
                "name": name,
                "properties": {
                    "roleDefinitionId": f"{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}",
                    "principalId": principal,
                    "principalType": kind,
                    "scope": scope,
                    "condition": None,
                    "conditionVersion": None,
                    "createdOn": "2026-11-20T08:14:55.1029384Z",
                    "updatedOn": "2026-11-20T08:14:55.1029384Z",
                    "createdBy": CHRISTIE,
                    "updatedBy": CHRISTIE,
                    "delegatedManagedIdentityResourceId": None,
                    "description": None,
                },
            }
        )

    def add_mover(self) -> None:
        """Add a second operator, who may register applications and owns the appliance's application."""
        self.document["graph"].append(
            {
                "@odata.type": "#microsoft.graph.user",
                "id": MOVER,
                "displayName": "Migration Mover",
                "userPrincipalName": "mover@fabrikam.com",
                "mail": "mover@fabrikam.com",
                "mailNickname": "mover",
                "userType": "Member",
                "accountEnabled": True,
                "externalUserState": None,
                "externalUserStateChangeDateTime": None,
                "creationType": None,
            }
        )
        self.link("directoryRole", MOVER, APPLICATION_DEVELOPER)
        self.link("owner", APPLIANCE_APPLICATION, MOVER)
        self.link("owner", APPLIANCE_PRINCIPAL, MOVER)

    def delete_project(self) -> None:
        """Delete the project through the portal: the activity log keeps the event, the other resources stay."""
        self.remove(PROJECT, below=True)
        self.document.setdefault("events", []).append(_project_deletion())

    def save(self, folder: Path, name: str) -> Path:
        """Write the snapshot, and return its path."""
        path = folder / f"{name}.yaml"
        path.write_text(json.dumps(self.document), encoding="utf-8")
        return path

    def _place(self, arm_id: str) -> int:
        wanted = arm_id.lower()
        return next(place for place, body in enumerate(self.document["arm"]) if body["id"].lower() == wanted)


def fabrikam(*, queried: bool = False) -> Environment:
    """Return a copy of Fabrikam; what its workspace received is in it only if the workspace was `queried`."""
    environment = Environment(copy.deepcopy(_document()))
    if not queried:
        environment.remove(f"{WORKSPACE}/providers/Microsoft.OperationalInsights/ingestion/last31days")
    return environment


def resource(arm_id: str, resource_type: str, properties: Mapping[str, Any] | None = None, **more: Any) -> Body:
    """Return the body of a resource in West Europe."""
    return {
        "id": arm_id,
        "name": arm_id.rsplit("/", 1)[1],
        "type": resource_type,
        "location": "westeurope",
        "properties": {"provisioningState": "Succeeded", **(properties or {})},
        **more,
    }


@functools.cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = yaml.load(FIXTURE.read_bytes(), Loader=yaml.CSafeLoader)
    return {key: value for key, value in document.items() if not key.startswith("x-")}


def _project_deletion() -> Body:
    names = {
        "operationName": "Microsoft.Migrate/migrateProjects/delete",
        "status": "Succeeded",
        "resourceProviderName": "Microsoft.Migrate",
        "resourceType": "Microsoft.Migrate/migrateProjects",
    }
    return {
        "eventTimestamp": "2026-11-10T09:12:20.1187334Z",
        "submissionTimestamp": "2026-11-10T09:13:11.0Z",
        "eventDataId": "eda70009-5c2b-4f9e-8d31-fab0b1c00009",
        "correlationId": "eda79009-5c2b-4f9e-8d31-fab0b1c09009",
        "level": "Informational",
        "caller": "christiec@fabrikam.com",
        "resourceGroupName": "rg-fabrikam-migrate",
        "resourceId": f"{GROUP}/providers/Microsoft.Migrate/migrateProjects/fabrikam-exit",
        "subscriptionId": SUBSCRIPTION_ID,
        "tenantId": TENANT,
        **{key: {"value": value, "localizedValue": value} for key, value in names.items()},
    }
