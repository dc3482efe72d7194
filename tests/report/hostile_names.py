"""Names that want to be more than text, and a strategy that makes more of them."""

from hypothesis import strategies as st

NAMES = (
    "\x1b[2J\x1b[H PASS",
    "\x1b]8;;https://evil.example\x07click\x1b]8;;\x07",
    "\x00\x07\x08\x7f\x9b31m",
    "line\r\nbreak\rPASS: nothing found",
    "\u202etxt.exe\u2066",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "+1-1",
    "\t=1+1",
    "＝1+1",  # noqa: RUF001 - the wide sign is the point
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]><![CDATA[",
    "&lt;b&gt;&#x3c;",
    '"><img src=x onerror=alert(1)>',
    "'; alert(1); '",
    "{{7*7}}{% raw %}",
    "`$(reboot)`",
    "``` \n# heading",
    "``a` `b```",
    "[click](https://evil.example) ![x](https://evil.example/x.png)",
    "<https://evil.example> www.evil.example @octocat #1 GH-1 contoso/repo#2",
    "| a | b |\n|---|---|",
    "javascript:alert(1)",
    "__proto__",
    "\ufffe\uffff",
)

PIECES = st.sampled_from([*NAMES, "`", "``", "<", "]]>", "@a", "#1", "*", "_", "~~", "\\", "|", "\n", "- ", "1. ", " "])
HOSTILE = st.one_of(
    st.sampled_from(NAMES),
    st.text(),
    st.lists(PIECES, max_size=6).map("".join),
)
