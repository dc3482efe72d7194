"""The options that narrow a scan to a part, as results name them."""


def narrowing(project: str | None, resource_group: str | None) -> tuple[str, ...]:
    """Return the options that narrow a scan to a project or a resource group, as a result names them."""
    named = {"--project": project, "--resource-group": resource_group}
    return tuple(f"{option} {name}" for option, name in named.items() if name)
