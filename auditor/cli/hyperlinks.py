"""Whether a terminal shows links (OSC 8); no terminal can be asked, so those that are known to are named here."""

from collections.abc import Mapping

_PROGRAMS = frozenset({"iTerm.app", "WezTerm", "vscode", "Hyper", "ghostty", "mintty", "rio", "Tabby"})
_TERMS = ("xterm-kitty", "xterm-ghostty", "alacritty", "foot", "contour", "wezterm")
_SINCE_VTE = 5000
_SINCE_TMUX = (3, 4)


def shows_links(env: Mapping[str, str]) -> bool:
    """Return whether the terminal that `env` describes shows links; `FORCE_HYPERLINK` (1 or 0) overrides it."""
    forced = env.get("FORCE_HYPERLINK")
    if forced is not None:
        return forced not in {"", "0"}
    if env.get("TERM_PROGRAM") == "tmux":
        return _version(env.get("TERM_PROGRAM_VERSION", "")) >= _SINCE_TMUX
    if env.get("TERM", "").startswith(("screen", "tmux", "linux", "dumb")):
        return False  # what is around it may show links, but this lets none through
    return (
        env.get("TERM_PROGRAM", "") in _PROGRAMS
        or env.get("TERM", "").startswith(_TERMS)
        or any(name in env for name in ("WT_SESSION", "KONSOLE_VERSION"))
        or (env.get("VTE_VERSION", "").isdecimal() and int(env["VTE_VERSION"]) >= _SINCE_VTE)
    )


def _version(text: str) -> tuple[int, ...]:
    """Return the leading numbers of a version such as `3.4a`."""
    numbers = ["".join(character for character in part if character.isdecimal()) for part in text.split(".")]
    return tuple(int(number) for number in numbers if number)
