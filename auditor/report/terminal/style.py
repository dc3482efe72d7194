"""The style of a page of text, apart from the page itself, whose library takes long to load."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PageStyle:
    """Style of a page: its width in columns, and whether colour, links and more than ASCII can be shown."""

    width: int = 80
    colour: bool = False
    links: bool = False
    """Links are shown only together with colour."""
    ascii_only: bool = False
