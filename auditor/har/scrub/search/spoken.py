"""Secrets in commands and sentences, where neither a name with a mark nor a form of their own tells them.

`az login -p X`, `net user ada X /add`, `ada:X@host`, *enter the code X*, *the password 'X' is too short*.
"""

import re
from bisect import bisect_left
from collections.abc import Callable

from auditor.har.scrub.names import by_name, is_plain
from auditor.har.scrub.removals import MARKER, Kind, has_nothing
from auditor.har.scrub.search.forms import EMPHASIS

Remove = Callable[[Kind, str], str]

_VALUE = rf"(?P<value>{MARKER}|\"[^\"\r\n]+|'[^'\r\n]+|`[^`\r\n]+|[^\s\"'`<>|,;)]\S*)"
_LOGS_IN = re.compile(
    r"\baz\s+login\b|\b(?:az|docker|podman|oc|kubectl|helm|buildah)\b[^\r\n]{0,80}\blogin\b|\bsshpass\b|\bmysql\w*\b"
    r"|\bsqlcmd\b|\bbcp\b|\bpsexec\w*\b|\bplink\b|\bpscp\b|\bldapsearch\b|\bmongo\w*\b|\bsmbclient\b|\bvcli\b|\bgovc\b"
    r"|\bschtasks\b|\bosql\b|\bwinrs\b|\bredis-cli\b|\bovftool\b|\bnetdom\b",
    re.IGNORECASE,
)
_FAR = 300
"""Characters after a program that logs in within which an option is its own."""
_SHORT_OPTION = re.compile(
    rf"(?<![\w-])(?P<option>-(?:p|P|pw|PW|pass)|/(?:p|P|rp|RP|RU-P|pw))(?P<gap>[ =:]{{1,4}}){_VALUE}"
)
_LISTED = re.compile(
    r"(?P<before>(?P<quote>[\"'])-{1,2}(?:p|P|pw|pass)(?P=quote)\s*,\s*)(?P<value>'[^'\r\n]+|\"[^\"\r\n]+)"
)
"""A short option in a list of arguments, as logs of tools write it."""
_JOINED = re.compile(r"(?P<before>(?:mysql\w*|sshpass)\b[^\r\n]{0,300}?\s-p)(?P<value>[^\s=:\-\"'][^\s]{2,})")
_YAML_VALUE = re.compile(r"(?P<name>[\w.-]+:[ \t]*(?:[|>][+-]?[ \t]*\r?\n[ \t]+)?)(?P<value>[^\s|>][^\r\n]*)")
_NO_PASSWORD = re.compile(
    r"(?:\d{1,3}(?:\.\d{1,3}){3}:)?\d{1,5}(?:[:/,-]\d{1,5})*(?:/?(?:tcp|udp))?|[/.~\\][^\s]*|[$%{<][^\s]*|[A-Za-z]:\\\S*|--?[A-Za-z]\S*"
)
"""What a short option may also stand before: a port, a path, a variable."""
_NET_USER = re.compile(
    r"(?i)(?P<before>\bnet(?:1|\.exe)?\s+user\s+(?:\"[^\"\r\n]+\"|'[^'\r\n]+'|[^\s\"'/]+)\s+)"
    r"(?P<value>\[removed: \w+\]|\"[^\"\r\n]+|[^\s\"/*][^\s\"]*)"
)
_NET_USE = re.compile(
    r"(?i)(?P<before>\bnet(?:\.exe)?\s+use\s+(?:\S+\s+){1,3}?)"
    r"(?P<value>\[removed: \w+\]|(?!/)[^\s/\\*]\S*)(?P<after>\s+/u(?:ser)?:)"
)
_PIPED = re.compile(
    r"(?P<before>\becho\s+(?:-n\s+)?)(?P<value>[\"']?[^\s\"'|]+[\"']?)"
    r"(?=\s*\|\s*(?:sudo\s+(?:-S|chpasswd|passwd)|chpasswd|passwd|[^\r\n|]{0,80}--password-stdin|openssl))"
)
_CHPASSWD = re.compile(
    r"(?P<before>\becho\s+[\"']?[\w.-]+:)(?P<value>[^\s\"'|]+)(?=[\"']?\s*\|\s*(?:sudo\s+)?chpasswd)"
)
_NETRC = re.compile(r"(?P<before>\blogin\s+\S+\s+password\s+)(?P<value>\[removed: \w+\]|\S+)")
_REGISTRY = re.compile(
    r"(?i)(?P<before>\breg(?:\.exe)?\s+add\s[^\r\n]{0,300}?/v\s+[\"']?[\w-]*(?:passw|secret|token|pwd|key)[\w-]*[\"']?\s"
    r"[^\r\n]{0,80}?/d\s+)(?P<value>\[removed: \w+\]|\"[^\"\r\n]+|[^\s\"]+)"
)
_SET = re.compile(
    r"(?i)(?P<before>\b(?:setx|setenv|config\s+set|secret\s+set|set-item|variable\s+set)\s+(?:/m\s+)?[\"']?(?P<name>[\w:.-]{2,60})[\"']?\s+)"
    r"(?P<value>\[removed: \w+\]|\"[^\"\r\n]+|'[^'\r\n]+|[^\s\"'=-][^\s\"']*)"
)
_KUBERNETES = re.compile(
    r"(?P<before>\bkind:[ \t]*[\"']?Secret\b(?:(?!\n---)[\s\S]){0,2000}?\n"
    r"(?P<indent>[ \t]*)(?:data|stringData):[ \t]*\r?\n)"
    r"(?P<value>(?:(?P=indent)[ \t]+\S[^\n]*(?:\n|\Z))+)"
)
_IS = re.compile(
    r"(?i)(?P<before>\b(?:password|passwd|pwd|pass(?:code|phrase)|passwort|kennwort|pin|secret|mot\s+de\s+passe|contrase\xf1a)"
    rf"\s+(?:is|was|lautet|ist|est|es|to|:):?\s*(?:(?<=\s)|(?=<)){EMPHASIS})"
    r"(?P<value>\[removed: \w+\]|[^\s\"'`<>,;]{4,})"
)
_WITH = re.compile(
    r"(?i)(?P<before>\b(?:with|using|by|and)\s+(?:(?:the|this|his|her|my|our|a)\s+)?(?:password|passwd|pwd|passphrase|kennwort)\s+)"
    r"(?P<value>(?=[^\s\"'`<>,;]*\d)(?=[^\s\"'`<>,;]*[A-Za-z])[^\s\"'`<>,;:=()]{5,})"
)
"""A sentence such as *tried with password X*: a value with a digit, since a word goes on with the sentence."""
_SET_OFF = re.compile(
    r"(?i)(?P<before>\b(?:password|passwd|pwd|passphrase|kennwort)[*_]{0,2}\s{0,3}(?:->|=>|\u2192|\(|\||\r?\n)\s{0,3}[*_`]{0,2})"
    r"(?P<value>(?!AADSTS|AKV|0x|\d{4}-\d\d)(?=[^\s\"'`<>,;|]*\d)(?=[^\s\"'`<>,;|]*[A-Za-z])[^\s\"'`<>,;|:=()]{5,})"
)
"""The same beside an arrow, in brackets, in the next column of a table, and in the next line."""
_SQL = re.compile(
    r"(?i)(?P<before>\b(?:identified\s+by|with\s+password|password\s+for\s+\S+)\s+)"
    r"(?P<value>'[^'\r\n]+|\"[^\"\r\n]+)"
)
_ORACLE = re.compile(
    r"(?i)(?P<before>\b(?:sqlplus|sqlldr|expdp|impdp|rman|oracle:\w+:)\W{0,3}\s*[\w.$#-]+/)(?P<value>[^\s/@\"']+)(?=@|\s|$)"
)
_CREDENTIAL = re.compile(
    r"(?i)(?P<before>(?:(?:Network|PS)Credential\w*|\bNet\.Cookie)\]?(?:::new)?\s*\(\s*(?:\"[^\"\r\n]*\"|'[^'\r\n]*'|[^\s,()]+)\s*,\s*)"
    r"(?P<value>'[^'\r\n]+|\"[^\"\r\n]+)"
)
_DECLARED = re.compile(
    r"(?P<before>\bvariable\s+\"(?P<name>[\w-]{2,80})\"\s*\{[^{}]{0,500}?\bdefault\s*=\s*)(?P<value>\"[^\"\r\n]+)"
)
_SECURE = re.compile(r"(?P<before>@secure\(\)\s{1,20}param\s+\w+\s+\w+\s*=\s*)(?P<value>'[^'\r\n]+)")
_YAML_PAIR = re.compile(
    r"(?P<before>\b(?:name|key)[ \t]*:[ \t]*[\"']?(?P<name>[\w.-]{2,80})[\"']?[ \t]*\r?\n"
    r"[ \t]*(?:value|val)[ \t]*:[ \t]*)"
    r"(?P<value>\[removed: \w+\]|'[^'\r\n]+|\"[^\"\r\n]+|[^\s\"'|>{\[][^\r\n]*)"
)
_CALL = re.compile(
    r"(?P<before>[(\[,]\s*(?P<quoted>[\"'])(?P<name>[\w.-]{2,80})(?P=quoted)\s*,\s*)(?P<value>'[^'\r\n]{3,}|\"[^\"\r\n]{3,})"
)
_OF_PROPERTY = re.compile(
    r"(?P<quote>['\"`])(?P<value>[^'\"`\r\n]{3,200})(?P<after>['\"`])(?P<rest>\s+(?:of|for|in|given\s+for)\s+(?:the\s+)?"
    r"(?:(?:template\s+)?(?:property|parameter|field|setting|argument|option)\s+)?['\"`]?(?P<name>[\w.-]{2,80}))"
)
_HAS_VALUE = re.compile(
    r"(?P<before>\b(?P<name>[\w.-]{2,80})['\"`]?\s+has\s+(?:an?\s+)?(?:\w+\s+)?value:?\s+)"
    r"(?P<value>\[removed: \w+\]|['\"]?[^\s'\"]{3,})"
)
_OPENSSL = re.compile(r"(?P<before>\bpass:)(?P<value>[^\s\"'`]{4,})")
_BARE_USER = re.compile(
    r"(?<![\w/@.:+-])(?P<user>[A-Za-z][\w.+\\-]{1,63}):(?P<value>(?!//)[^\s:@\"'<>,;(){}\[\]]{3,128})@"
    r"(?P<host>(?!sha\d)[A-Za-z0-9][\w-]{0,62}(?:\.[\w-]{1,62}){0,8}(?P<port>:\d{2,5}|/)?)"
)
_LABEL = re.compile(
    r"(?i)(?:mailto|s?smtp|sips?|acct|upn|user|username|account|client|e?mail|name|principal|owner|from|to|cc|bcc|by|login"
    r"|id|x500|spn|xmpp|members?|caller|actor|identity|npm|git|ssh|docker|image|guest|invited)"
)
_LOCAL_PART = re.compile(r"[A-Za-z]+\d{0,3}(?:[._+-][A-Za-z]+\d{0,3}){0,4}(?:#EXT#)?")
_CODE = (
    re.compile(
        r"(?i)(?P<before>\b(?:enter|type|use|using|with|paste|input|provide|geben\s+sie|saisissez|entrez|introduzca|ingrese)\b"
        r"[^.;\r\n]{0,40}?\b(?:code|code\s+is)\b[:\s\"'`*]{1,5})(?-i:(?!AADSTS|AKV|ERR)(?P<value>[A-Z0-9]{4}-[A-Z0-9]{4}|[A-Z0-9]{6,12}))(?![\w-])"
    ),
    re.compile(
        r"(?i)(?P<before>\b(?:device\s?login|devicelogin|aka\.ms/devicelogin|login/device|deviceauth)\b[^\r\n]{0,120}?"
        r"[\s\"'`:*])(?-i:(?P<value>(?=[A-Z]{0,8}\d)[A-Z0-9]{9}|[A-Z0-9]{4}-[A-Z0-9]{4}|[B-DF-HJ-NP-TV-Z]{8,9}))(?![\w-])"
    ),
    re.compile(
        r"(?i)(?P<before>\b(?:verification|security|one-?time|sign-?in|log-?in|passcode|sms|authenticator|otp|mfa|your)\s+"
        r"(?:pass)?(?:code|pin)(?:\s+is|\s+was)?[:\s\"'`*]{1,5})(?P<value>\d{4,8})(?!\w)"
    ),
)
"""Sentences with a code that whoever reads it can sign in with; a word such as `CODE` alone tells nothing."""
_QUOTED_AFTER = re.compile(
    r"(?i)(?P<before>\b(?:password|passwd|pwd|kennwort|passphrase|mot\s+de\s+passe|contrase(?:\u00f1|n)a)"
    r"(?:\s+(?:is|was|of|for|user|supplied|provided|specified|entered|value|set|to|you|the|given|string|changed)){0,4}(?:\s*[:=]\s*|\s+))"
    r"(?P<quote>['\"`\u2018\u201c])(?P<value>[^'\"`\u2018\u2019\u201c\u201d\r\n]{3,200})(?P<after>['\"`\u2019\u201d])"
)
_QUOTED_BEFORE = re.compile(
    r"(?P<quote>['\"`\u2018\u201c])(?P<value>[^'\"`\u2018\u2019\u201c\u201d\s]{3,200})(?P<after>['\"`\u2019\u201d])"
    r"(?P<rest>\s+(?:is|was)\s+(?:not\s+)?(?:an?\s+)?(?:valid|invalid|accepted|allowed|strong|weak|wrong|correct|incorrect|good|bad)?"
    r"\s{0,2}(?:as\s+)?(?:an?\s+|the\s+)?(?:enough\s+)?(?:[a-z]+\s+){0,2}(?:password|passphrase|pin|secret)\b)"
)
_NO_SECRET = re.compile(
    r"(?i)(?:(?:admin|administrator|os|login|user|vm|local|new|old|current|confirm|default|sql)?[\s_.-]?(?:password|pwd|passwd|username"
    r"|userpassword)s?\w{0,12}|properties\..*|null|none|empty|true|false|secure(?:string|object)|string|\*+)"
)
"""Names of properties in quotes, which messages about passwords name."""
_TRACES = re.compile(
    r"(?i)pass|\bpwd|\spw\b|\bcode\b|\bpin\b|device|:[^\s@]{3,128}@|[-/]r?p[\s=:w\"']|Net\.Cookie|\bnet[1 .]|mysql"
    r"|contrase|mot\s+de|kennwort|\bset|identified|\bvalue\b|[\"']\s*,\s*[\"']|sqlplus|oracle|name|secure|\bSecret\b|\bsudo\b|stdin|openssl"
)
"""A text without any of these has nothing for this module."""


def without_spoken(text: str, remove: Remove) -> str:
    """Return a text with the secrets removed that stand in commands and sentences."""
    if not _TRACES.search(text):
        return text
    text = _BARE_USER.sub(lambda found: _user(found, remove), text)
    text = _NET_USER.sub(lambda found: _plainly(found, Kind.PASSWORD, remove), text)
    text = _NET_USE.sub(lambda found: _plainly(found, Kind.PASSWORD, remove) + found["after"], text)
    for pattern in (_CHPASSWD, _PIPED, _OPENSSL, _NETRC, _REGISTRY, _SQL, _ORACLE, _CREDENTIAL, _SECURE):
        text = pattern.sub(lambda found: _plainly(found, Kind.PASSWORD, remove), text)
    text = _OF_PROPERTY.sub(
        lambda found: _quoted(found, "", found["rest"], remove) if _is_sure(found["name"]) else found[0], text
    )
    for pattern in (_SET, _DECLARED, _YAML_PAIR, _CALL, _HAS_VALUE):
        text = pattern.sub(
            lambda found: _plainly(found, Kind.SECRET, remove) if by_name(found["name"]) else found[0], text
        )
    for pattern in (_WITH, _SET_OFF):
        text = pattern.sub(
            lambda found: found[0] if is_plain(found["value"].rstrip(".")) else _plainly(found, Kind.PASSWORD, remove),
            text,
        )
    text = _IS.sub(lambda found: found[0] if _is_word(found["value"]) else _plainly(found, Kind.PASSWORD, remove), text)
    if "Secret" in text:
        text = _KUBERNETES.sub(lambda found: _of_kubernetes(found, remove), text)
    text = _LISTED.sub(lambda found: _listed(found, remove), text)
    text = _JOINED.sub(lambda found: _plainly(found, Kind.PASSWORD, remove), text)
    if _SHORT_OPTION.search(text):
        text = _without_options(text, remove)
    for pattern in _CODE:
        text = pattern.sub(lambda found: _plainly(found, Kind.TOKEN, remove), text)
    text = _QUOTED_AFTER.sub(lambda found: _quoted(found, found["before"], "", remove), text)
    return _QUOTED_BEFORE.sub(lambda found: _quoted(found, "", found["rest"], remove), text)


def _plainly(found: re.Match[str], kind: Kind, remove: Remove) -> str:
    value = found["value"]
    quote = value[:1] if value[:1] in "\"'" else ""
    inside = value.strip(quote) if quote else value
    if _is_marker(inside):
        return found["before"] + value
    return f"{found['before']}{quote}{remove(kind, inside)}{quote if quote and value.endswith(quote) else ''}"


def _of_kubernetes(found: re.Match[str], remove: Remove) -> str:
    """Return a secret of Kubernetes as YAML with the names of its values, without the values."""
    return found["before"] + _YAML_VALUE.sub(
        lambda one: one[0] if _is_marker(one["value"]) else f"{one['name']}{remove(Kind.SECRET, one['value'])}",
        found["value"],
    )


def _is_sure(name: str) -> bool:
    about = by_name(name)
    return about is not None and not about.unsure


def _is_word(value: str) -> bool:
    bare = value.rstrip(".!?:)]")
    return not any(map(str.isdigit, bare)) and (is_plain(bare) or bool(re.fullmatch(r"[A-Za-z'-]+", bare)))


def _user(found: re.Match[str], remove: Remove) -> str:
    """Return `user:password@host` without the password; `label:local@domain` is a mail address and stays."""
    value = found["value"]
    if _LABEL.fullmatch(found["user"]) or _is_marker(value):
        return found[0]
    if not found["port"] and "." in found["host"] and _LOCAL_PART.fullmatch(value):
        return found[0]
    return f"{found['user']}:{remove(Kind.PASSWORD, value)}@{found['host']}"


def _without_options(text: str, remove: Remove) -> str:
    logins = [found.start() for found in _LOGS_IN.finditer(text)]

    def option(found: re.Match[str]) -> str:
        number = bisect_left(logins, found.start()) - 1
        begun = logins[number] if number >= 0 else -_FAR
        logs_in = found.start() - begun < _FAR and "\n" not in text[begun : found.start()]
        return _option(found, remove, logs_in=logs_in)

    return _SHORT_OPTION.sub(option, text)


def _option(found: re.Match[str], remove: Remove, *, logs_in: bool) -> str:
    """Return a short option without its password; where no program logs in, a plain word, a path or a port stays."""
    value = found["value"]
    quote = value[:1] if value[:1] in "\"'`" else ""
    inside = value[len(quote) :]
    bare = inside if quote else inside.rstrip(".,;)\"'")
    if _is_marker(bare) or not bare or re.fullmatch(r"[$%{<]\S*", bare):
        return found[0]
    if not logs_in and (
        _NO_PASSWORD.fullmatch(bare) or (not quote and is_plain(bare) and not any(map(str.isdigit, bare)))
    ):
        return found[0]
    return f"{found['option']}{found['gap']}{quote}{remove(Kind.PASSWORD, bare)}{inside[len(bare) :]}"


def _listed(found: re.Match[str], remove: Remove) -> str:
    """Return an option of a list without its password; a plain word stays where nothing logs in."""
    bare = found["value"][1:]
    logs_in = "login" in found.string[max(0, found.start() - _FAR) : found.start()]
    is_word = is_plain(bare) and not any(map(str.isdigit, bare))
    if _NO_PASSWORD.fullmatch(bare) or (is_word and not logs_in):
        return found[0]
    return _plainly(found, Kind.PASSWORD, remove)


def _quoted(found: re.Match[str], before: str, after: str, remove: Remove) -> str:
    value = found["value"]
    if _NO_SECRET.fullmatch(value) or _is_marker(value):
        return found[0]
    return f"{before}{found['quote']}{remove(Kind.PASSWORD, value)}{found['after']}{after}"


def _is_marker(value: str) -> bool:
    return has_nothing(value) or "[removed:" in value
