"""The characters that no report may hold: they move the cursor, turn the direction of writing, hide, or break lines."""

import re

STEERING = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
"""All but the tab and the line break, which stand in reports by our own hand."""
