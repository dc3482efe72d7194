"""The place of a finding: its tenant, subscription, resource group, projects and account, and where to read on."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from auditor.audit.environment_report import FindingsReport
from auditor.audit.findings import Finding, SubjectRef, account_in
from auditor.report.portal import APPLICATION, directory_link, portal_link
from auditor.report.rule_pages import rule_links

_SUBSCRIPTION = re.compile(r"/subscriptions/([^/]+)(?:/resourceGroups/([^/]+))?", re.IGNORECASE)
_PROJECT = re.compile(
    r"/subscriptions/.+/providers/Microsoft\.Migrate/(?:migrateProjects|projects)/([^/]+)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class NamedId:
    """An id and the name that was read for it; either is an empty text where it is not known."""

    id: str = ""
    name: str = ""

    @property
    def text(self) -> str:
        """The name with the id; the one that is known, or an empty text."""
        return f"{self.name} ({self.id})" if self.name and self.id else self.name or self.id

    @property
    def short(self) -> str:
        """The name, otherwise the id."""
        return self.name or self.id

    def as_dict(self) -> dict[str, str | None]:
        """Return both by name; None for what is not known."""
        return {"id": self.id or None, "name": self.name or None}


NOWHERE = NamedId()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a finding is, and where to read on; what does not apply or was not read is an empty text.

    A thing may belong to several projects, such as a workspace or a key vault that they share, or to none. The texts
    are foreign: a renderer has to make them inert. The links are printable ASCII.
    """

    tenant: NamedId
    subscription: NamedId = NOWHERE
    resource_group: str = ""
    projects: tuple[NamedId, ...] = ()
    account: NamedId = NOWHERE
    location: str = ""
    """The Azure region of the subject, such as `westeurope`."""
    portal: str = ""
    """The address of the subject in the portal of its cloud."""
    rule_link: str = ""
    """The page of the rule in the published documentation, otherwise its first reference."""

    @property
    def project(self) -> str:
        """The names of the projects, separated by commas; an empty text for none."""
        return ", ".join(one.short for one in self.projects)

    @property
    def lines(self) -> Iterator[tuple[str, str]]:
        """What is known of it, as pairs of a label and a text, without the tenant and the links."""
        yield from (
            (label, text)
            for label, text in (
                ("Subscription", self.subscription.text),
                ("Resource group", self.resource_group),
                ("Region", self.location),
                ("Project" if len(self.projects) == 1 else "Projects", self.project),
                ("Account", self.account.text),
            )
            if text
        )

    @property
    def words(self) -> str:
        """What is known of it on one line, without the links; the tenant where nothing else is known."""
        return " · ".join(f"{label.lower()} {text}" for label, text in self.lines) or f"tenant {self.tenant.text}"

    def as_dict(self) -> dict[str, Any]:
        """Return it as the object `place` of the JSON formats; None for what is not known."""
        return {
            "tenant": self.tenant.as_dict(),
            "subscription": self.subscription.as_dict() if self.subscription.id else None,
            "resource_group": self.resource_group or None,
            "projects": [one.as_dict() for one in self.projects],
            "account": self.account.as_dict() if self.account.id else None,
            "location": self.location or None,
            "portal": self.portal or None,
            "rule_link": self.rule_link or None,
        }


UNREAD = Place(tenant=NOWHERE)
"""The place of a finding about a tenant that was not read."""


class Places:
    """The places of the findings of one result; what they share is looked up once."""

    def __init__(self, result: FindingsReport) -> None:
        """Take the names and the rules from `result`."""
        name = result.tenant_name
        self.tenant = NamedId(result.tenant_id, "" if name == result.tenant_id else name)
        self._cloud = result.cloud
        self._titles = result.titles
        self._links = rule_links(result)

    def of(self, finding: Finding) -> Place:
        """Return the place of a finding of the result."""
        return self.of_subject(finding.subject, self._links.get(finding.rule, ""))

    def of_subject(self, subject: SubjectRef, rule_link: str = "") -> Place:
        """Return the place of a thing in the environment of the result."""
        path = _path(subject)
        found = _SUBSCRIPTION.match(path)
        return Place(
            tenant=self.tenant,
            subscription=self.subscription(found[1]) if found else NOWHERE,
            resource_group=(found[2] or "") if found else "",
            projects=tuple(_projects(subject, path)),
            account=_account(subject),
            location=subject.location,
            portal=self._portal(subject, path) or "",
            rule_link=rule_link,
        )

    def subscription(self, identity: str) -> NamedId:
        """Return a subscription with its display name, where that was read."""
        key = identity.lower()
        name = self._titles.get(key, "")
        return NamedId(key, "" if name.lower() == key else name)

    def told_apart(self, projects: Iterable[NamedId]) -> dict[NamedId, str]:
        """Return the label of each project: its name, with where it is, or with its id, if another has the same name.

        Ids are compared without case. A project of which only the name is known counts as the one that has this name;
        where there are several, its label says that it is not known which one it is.
        """
        by_name: dict[str, dict[str, NamedId]] = defaultdict(dict)
        every = set(projects)
        for one in sorted(every, key=lambda one: (one.id, one.name)):
            if one.id:
                by_name[one.short.casefold()].setdefault(one.id.casefold(), one)
        return {one: self._label(one, by_name.get(one.short.casefold(), {})) for one in every}

    def _label(self, project: NamedId, alike: Mapping[str, NamedId]) -> str:
        """Return the label of a project, of whose name there are the projects `alike`, by id in lower case."""
        if len(alike) < 2:
            return next(iter(alike.values()), project).short
        if not project.id:
            return f"{project.short} (which one is not known)"
        wheres = Counter(self._with_where(one).casefold() for one in alike.values())
        first = alike[project.id.casefold()]
        label = self._with_where(first)
        return label if wheres[label.casefold()] == 1 else first.text

    def _with_where(self, project: NamedId) -> str:
        """Return the name of a project with its resource group and subscription."""
        found = _SUBSCRIPTION.match(project.id)
        where = [one for one in (found[2], self.subscription(found[1]).short) if one] if found else []
        return f"{project.short} ({', '.join(where)})" if where else project.short

    def _portal(self, subject: SubjectRef, path: str) -> str | None:
        if path:
            return portal_link(self._cloud, self.tenant.id, path)
        of_application = subject.kind in {"application", "remain"}
        object_type = APPLICATION if of_application else subject.object_type
        return directory_link(self._cloud, self.tenant.id, object_type, subject.id)


def _path(subject: SubjectRef) -> str:
    """Return the ARM id of what a subject is or is about; empty for things of the directory and for what was not seen.

    That of a registration is its project; that of an appliance that shares a site is the site.
    """
    if subject.at:
        return subject.at
    identity = subject.id.partition("@")[2] if subject.kind == "registration" else subject.id
    return identity.partition("#")[0] if identity.startswith("/") else ""


def _projects(subject: SubjectRef, path: str) -> Iterator[NamedId]:
    for project in subject.projects:
        yield NamedId(project.id, project.name)
    if not subject.projects and (found := _PROJECT.match(path)):
        yield NamedId(found[0], found[1])


def _account(subject: SubjectRef) -> NamedId:
    """Return the account that a subject is or is about, with its name where that was read."""
    identity = account_in(subject)
    if not identity:
        return NOWHERE
    name = subject.account if subject.kind == "registration" else subject.name
    return NamedId(identity, "" if name == identity else name)
