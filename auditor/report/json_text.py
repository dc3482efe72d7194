"""JSON as it leaves the command: ASCII alone, so that it is inert wherever it is printed."""

import json
from typing import Any


def json_text(document: Any) -> str:
    """Return `document` as indented JSON with a final line break; each non-ASCII or control character is escaped."""
    return json.dumps(document, indent=2, ensure_ascii=True).replace("\x7f", "\\u007f") + "\n"
