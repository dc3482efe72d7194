"""Ids as others write them, and ARM does not."""


def spelt_otherwise(identity: str) -> tuple[str, ...]:
    """Return what looks like an id, and is none in ARM's own spelling."""
    return (
        f"https://management.azure.com{identity}",
        identity[1:],
        f"{identity} ",
        f" {identity}",
        f"{identity}\u200b",
        identity.replace(".", "%2E"),
        identity.replace("/providers/", "//providers/"),
    )
