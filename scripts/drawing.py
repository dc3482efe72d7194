"""Drawings of boxes and arrows as SVG text, the same bytes each time."""

import xml.etree.ElementTree as ET
from dataclasses import dataclass

_STYLE = """
text { font: 15px system-ui, 'Segoe UI', Roboto, Arial, sans-serif; fill: #1b1f24; text-anchor: middle; }
text.note { font-size: 12.5px; fill: #57606a; }
rect.box { fill: #eef2ff; stroke: #3f51b5; stroke-width: 1.5; }
rect.data { fill: #fff8e1; stroke: #8a5300; stroke-width: 1.5; stroke-dasharray: 4 3; }
rect.good { fill: #e9f7ee; stroke: #1a6b34; stroke-width: 1.5; }
rect.bad { fill: #fdecec; stroke: #b4232a; stroke-width: 1.5; }
rect.unknown { fill: #fff4e0; stroke: #8a5300; stroke-width: 1.5; }
path { fill: none; stroke: #57606a; stroke-width: 1.5; marker-end: url(#head); }
path.dashed { stroke-dasharray: 5 4; }
path.head { fill: #57606a; stroke: none; marker-end: none; }
"""


@dataclass(frozen=True, slots=True)
class Box:
    """A box, given by its centre and size in pixels."""

    x: int
    y: int
    width: int = 118
    height: int = 54

    @property
    def left(self) -> int:
        """The x coordinate of its left edge."""
        return self.x - self.width // 2

    @property
    def right(self) -> int:
        """The x coordinate of its right edge."""
        return self.x + self.width // 2


class Drawing:
    """A drawing on a white background, so that it can also be read on a dark page."""

    def __init__(self, width: int, height: int, title: str) -> None:
        self._root = ET.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": f"0 0 {width} {height}",
                "role": "img",
                "aria-labelledby": "title",
            },
        )
        ET.SubElement(self._root, "title", {"id": "title"}).text = title
        ET.SubElement(self._root, "style").text = _STYLE
        marker = {"id": "head", "viewBox": "0 0 8 8", "refX": "7", "refY": "4", "markerWidth": "7", "markerHeight": "7"}
        defs = ET.SubElement(self._root, "defs")
        head = ET.SubElement(defs, "marker", {**marker, "orient": "auto"})
        ET.SubElement(head, "path", {"d": "M0,0 L8,4 L0,8 z", "class": "head"})
        ET.SubElement(self._root, "rect", {"width": str(width), "height": str(height), "fill": "#ffffff"})

    def text(self, x: int, y: int, words: str, kind: str = "note") -> None:
        """Write words centred at `x`."""
        ET.SubElement(self._root, "text", {"x": str(x), "y": str(y), "class": kind}).text = words

    def box(self, box: Box, name: str, note: str = "", kind: str = "box") -> None:
        """Draw a box with its name and a note below the name."""
        held = {"x": box.left, "y": box.y - box.height // 2, "width": box.width, "height": box.height, "rx": 7}
        ET.SubElement(self._root, "rect", {**{key: str(value) for key, value in held.items()}, "class": kind})
        self.text(box.x, box.y - 3 if note else box.y + 5, name, "name")
        if note:
            self.text(box.x, box.y + 16, note)

    def arrow(self, from_: Box, to: Box, *, bow: int = 0, dashed: bool = False) -> None:
        """Draw an arrow from the right edge of a box to the left edge of another, bent downwards by `bow` pixels."""
        reach = max(24, (to.left - from_.right) // 2)
        first = f"{from_.right + reach} {from_.y + bow}"
        second = f"{to.left - reach} {to.y + bow}"
        self._way(f"M{from_.right} {from_.y} C{first} {second} {to.left - 1} {to.y}", dashed=dashed)

    def drop(self, from_: Box, to: Box, *, shift: int = 0, dashed: bool = False) -> None:
        """Draw a straight arrow between boxes of which one is above the other."""
        down = 1 if to.y > from_.y else -1
        start, end = from_.y + down * from_.height // 2, to.y - down * (to.height // 2 + 1)
        self._way(f"M{from_.x + shift} {start} L{to.x + shift} {end}", dashed=dashed)

    def _way(self, path: str, *, dashed: bool) -> None:
        ET.SubElement(self._root, "path", {"d": path, **({"class": "dashed"} if dashed else {})})

    def svg(self) -> str:
        """Return the drawing as SVG text."""
        ET.indent(self._root)
        return ET.tostring(self._root, encoding="unicode") + "\n"
