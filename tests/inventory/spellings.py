"""Variants of ids that ARM does not write."""


def spelt_otherwise(identity: str) -> tuple[str, ...]:
    """Return texts that look like an id, but are not written as ARM writes it."""
    return (
        f"https://management.azure.com{identity}",
        identity[1:],
        f"{identity} ",
        f" {identity}",
        f"{identity}\u200b",
        identity.replace(".", "%2E"),
        identity.replace("/providers/", "//providers/"),
    )
