"""Pseudonyms for mail addresses and user principal names: equal addresses get equal pseudonyms."""

import re

_DOMAIN = re.compile(r"@((?:[^\W_](?:[\w-]{0,62}[^\W_])?\.){1,8}[^\W\d_]{2,24})(?![\w-])")
_LOCAL = re.compile(r"[\w.+'!#&~^$*=-]{1,128}\Z")
_LONGEST = 128
_GUEST = re.compile(r"(?P<local>.+)_(?P<domain>[^_]+)#ext#@.+")
"""The name of a guest in another directory: `ada_contoso.com#EXT#@fabrikam.onmicrosoft.com`."""
_PSEUDONYM = re.compile(r"user-\d+@example\.invalid", re.IGNORECASE)


class MailAddresses:
    """The pseudonyms of one run, in the order in which the addresses appear; `count` is how often one was put in."""

    def __init__(self) -> None:
        self.pseudonyms: dict[str, str] = {}
        self.count = 0

    def pseudonym(self, address: str) -> str:
        """Return the pseudonym of an address; upper and lower case are the same, and so are a guest and its home."""
        if _PSEUDONYM.fullmatch(address):
            return address
        self.count += 1
        known = address.lower()
        if guest := _GUEST.fullmatch(known):
            known = f"{guest['local']}@{guest['domain']}"
        return self.pseudonyms.setdefault(known, f"user-{len(self.pseudonyms) + 1}@example.invalid")

    def replaced(self, text: str) -> str:
        """Return a text with a pseudonym in place of each address."""
        if "@" not in text:
            return text
        parts, position = [], 0
        for domain in _DOMAIN.finditer(text):
            before = text[max(position, domain.start() - _LONGEST) : domain.start()]
            local = _LOCAL.search(before)
            name = local[0].lstrip(".'=&$*#!") if local else ""
            if not name:
                continue
            start = domain.start() - len(name)
            if text.endswith("//", 0, start):  # a user before a host
                continue
            parts += [text[position:start], self.pseudonym(text[start : domain.end()])]
            position = domain.end()
        return "".join((*parts, text[position:])) if parts else text
