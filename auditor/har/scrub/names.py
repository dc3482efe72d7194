"""What is secret or personal by its name: headers, parameters, form fields, and the keys of JSON and XML.

Names are compared without letter case and punctuation, so `client_secret`, `ClientSecret` and `client-secret` are one.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from auditor.har.scrub.encodings import decoded_base64
from auditor.har.scrub.name_parts import by_words
from auditor.har.scrub.removals import Kind
from auditor.har.scrub.words import words
from auditor.inventory.snapshot.secrets import SECRET_KEYS


class Named(NamedTuple):
    """What a name says of its value.

    A value with an `unsure` name, such as `code`, is removed only by its own form; with `unless_plain`, unless it is a
    word, a number, an id or a sentence.
    """

    kind: Kind
    unsure: bool = False
    unless_plain: bool = False

    def is_of(self, value: str, *, is_parameter: bool = False) -> bool:
        """Whether a value is secret; with an unsure name, one of a parameter is unless it is plain."""
        if not self.unsure or is_login(value):
            return True
        return not is_plain(value) if is_parameter or self.unless_plain else is_token_like(value)


_KEYS = tuple(
    f"{owner}key"
    for owner in sorted(
        words("""access account admin aes api app appliance application auth authorization batch bearer client
    connection consumer cosmos crypto decryption delegation device encryption event function functions hmac host hub
    instrumentation jwt license listen local machine manage master migrate migration primary principal private
    product project recovery rsa s3 sas secondary secret send server service session shared sharedaccess signing source
    ssh storage subscription symmetric system target token validation vault web wep workspace write websocket""")
    )
)
_ENDINGS: tuple[tuple[tuple[str, ...], Kind], ...] = (
    (("portalauthorization",), Kind.TOKEN),
    (("token", "assertion", "nonce", "csrf", "xsrf", "tokenhint", "bearer"), Kind.TOKEN),
    (("jwt", "codeverifier", "codechallenge", "authcode", "authorizationcode", "devicecode", "canary"), Kind.TOKEN),
    (
        (
            "usercode",
            "verificationcode",
            "authheader",
            "authorizationheader",
            "sessid",
            "securitycode",
            "activationcode",
            "sessionctx",
            "tempauth",
            "clientinfo",
            "viewstate",
        ),
        Kind.TOKEN,
    ),
    (("password", "passwd", "passphrase", "passcode", "passwort", "pwd", "userpass"), Kind.PASSWORD),
    (
        (
            "secret",
            "credential",
            "connectionstring",
            "connstr",
            "protectedsettings",
            "protectedparameters",
            "kubeconfig",
        ),
        Kind.SECRET,
    ),
    (("signature", "sastoken", "sasuri", "sasurl", "saskey"), Kind.SIGNATURE),
    (
        ("pfx", "pfxblob", "pkcs12", "rawcertdata", "certificatedata", "x5c", "pem", "managementcertificate"),
        Kind.CERTIFICATE,
    ),
    (("cookie", "cookies", "cookieheader"), Kind.COOKIE),
    (_KEYS, Kind.KEY),
)
_EXACT = {
    **dict.fromkeys(("sig", "sas", "sharedaccesssignature"), Kind.SIGNATURE),
    **dict.fromkeys(("pass", "pw", "pin", "otp", "otc", "totp", "pswd", "adminpass"), Kind.PASSWORD),
    **dict.fromkeys(("samlresponse", "samlrequest", "relaystate", "wresult", "wctx", "sessionstate"), Kind.TOKEN),
    **dict.fromkeys(("sft", "sctx", "ppft", "flowtoken", "aio", "puid", "loginhint"), Kind.TOKEN),
    **dict.fromkeys(("authorization", "proxyauthorization", "xauthorization", "xmsauthorization"), Kind.TOKEN),
    **dict.fromkeys(("xmsauthorizationauxiliary", "xmscopysourceauthorization"), Kind.TOKEN),
    **dict.fromkeys(("jsessionid", "onetimecode", "recoverycode", "recoverycodes", "backupcodes"), Kind.TOKEN),
    **dict.fromkeys(("cvv", "cvc", "cardnumber", "creditcard", "ssn", "iban"), Kind.SECRET),
    **dict.fromkeys(("customdata", "userdata", "cloudinit"), Kind.SECRET),
    **dict.fromkeys(("securestring", "secureobject", "securevalue", "appsettings"), Kind.SECRET),
    **dict.fromkeys(("privatekeypem", "logouthint", "additionalauthdata", "clientstate"), Kind.TOKEN),
}
_UNSURE = {
    **dict.fromkeys(("code", "state", "sid", "sessionid", "ctx", "hint", "ticket", "auth", "refresh"), Kind.TOKEN),
    **dict.fromkeys(("secrets", "tokens", "credentials", "key1", "key2", "apikeys"), Kind.SECRET),
}
_HARMLESS = frozenset(
    {"publickeytoken", "cancellationtoken", "unexpectedtoken", "primarykey", "systemkey"} - SECRET_KEYS
)
"""Names that end like those of secrets: `PublicKeyToken` in the name of a .NET assembly."""
_OF_VALUE = re.compile(r"(?:values?|text|strings?|data|hash|plaintext|base64|b64|encoded|raw|plain|\d+)$")
_SAS = re.compile(r"(?:^|[a-z_.-])(?:SAS|Sas)(?:[A-Z_][A-Za-z]*)?$|_sas$")
_PASSWORD_BUT = re.compile(
    r"password\w*(?:expired|expires|expiry|expiration|required|enabled|policy|policies|credentials?|name|id|length|set"
    r"|datetime|date|type|url|uri|profile|mode|reset|change|changed|settings|age|count|status|state|authentication)$"
)
_PERSONAL = {
    **dict.fromkeys(
        words("""givenname surname familyname firstname lastname middlename fullname nickname mobilephone businessphones
        phone phonenumber telephonenumber homephone mobile faxnumber streetaddress employeeid jobtitle officelocation
        onpremisessamaccountname samaccountname onpremisesdistinguishedname userprincipalname upn uniquename
        preferredusername username user loginfmt login email emailaddress mail mailnickname othermails proxyaddresses
        signinname createdby lastmodifiedby modifiedby updatedby caller useremail displayableid birthdate"""),
        Kind.NAME,
    ),
    **dict.fromkeys(
        words("""ipaddr clientip clientipaddress calleripaddress calleripaddr callerip remoteip remoteipaddress userip
        useripaddress sourceip xforwardedfor serveripaddress serveraddress clientaddress remoteaddress"""),
        Kind.ADDRESS,
    ),
}


@lru_cache(maxsize=20_000)
def by_name(name: str) -> Named | None:
    """Return what a name says of its value; None for a name that says nothing."""
    plain = _plain(name)
    if plain in _HARMLESS or "[removed:" in name:
        return None
    if plain in _EXACT:
        return Named(_EXACT[plain])
    if plain in _UNSURE:
        return Named(_UNSURE[plain], unsure=True)
    for one in (plain, plain.removesuffix("s"), _OF_VALUE.sub("", plain), _OF_VALUE.sub("", plain).removesuffix("s")):
        for endings, kind in _ENDINGS:
            if one.endswith(endings) and one not in _HARMLESS:
                return Named(kind)
    if _SAS.search(name):
        return Named(Kind.SIGNATURE)
    if plain in SECRET_KEYS:
        return Named(Kind.SECRET)
    if " " in name.strip():
        return Named(Kind.PASSWORD) if "password" in plain and not _PASSWORD_BUT.search(plain) else None
    found = by_words(name.rstrip("/").rsplit("/", 1)[-1])
    return found and Named(found.kind, unsure=found.doubtful, unless_plain=found.doubtful)


@lru_cache(maxsize=20_000)
def is_personal(name: str) -> Kind | None:
    """Return whether a name is that of a person's name, mail, telephone (`NAME`), or of the client's `ADDRESS`."""
    return _PERSONAL.get(_plain(name))


def _plain(name: str) -> str:
    """Return a name without case and punctuation; of a claim, which has an address as its name, the last part."""
    return re.sub(r"[^a-z0-9]", "", name.rstrip("/").rsplit("/", 1)[-1].lower())


_SECRET_HEADER = re.compile(
    r"token|secret|signature|passw|credential|auth(?!ority)|cookie|jwt|saml|assertion|csrf|xsrf|session(?!-?id)|"
    r"(?:^|[-_])keys?(?:$|[-_])|apikey"
)
_PERSONAL_HEADER = re.compile(
    r"client-?principal|client-?ip|socket-?ip|real-?ip|forwarded|remote-?addr|connecting-?ip|user-?name|user-?id|"
    r"(?:^|-)user(?:$|-(?!agent))|mail|(?:^|-)upn|(?:^|-)from$|login|anchor|^via$|envoy-external|original-ip|network-info"
)
_HARMLESS_HEADERS = frozenset(
    {"www-authenticate", "proxy-authenticate", "authentication-info", "sec-websocket-version"}
)
_KNOWN_HEADERS = words(
    """:authority :method :path :protocol :scheme :status age allow alt-svc azure-asyncoperation cache-control
    client-request-id connection content-disposition content-encoding content-language content-length content-location
    content-md5 content-range content-security-policy content-security-policy-report-only content-type
    cross-origin-embedder-policy cross-origin-opener-policy cross-origin-resource-policy dataserviceversion date
    dnt etag expect expires host last-modified link location max-forwards maxdataserviceversion
    mise-correlation-id nel operation-location origin origin-agent-cluster p3p permissions-policy ping-from ping-to
    pragma prefer preference-applied priority purpose range referer referrer-policy report-to reporting-endpoints
    request-context request-id retry-after save-data server server-timing service-worker sourcemap
    strict-transport-security te timing-allow-origin traceparent trailer transfer-encoding upgrade
    upgrade-insecure-requests user-agent vary warning www-authenticate proxy-authenticate x-aspnet-version
    x-aspnetmvc-version x-azure-ref x-azure-ref-originshield x-azure-requestchain x-cache x-cache-info x-cdn
    x-content-type-options x-correlation-id x-dns-prefetch-control x-download-options x-fd-healthprobe x-frame-options
    x-msedge-ref x-msedge-responseinfo x-permitted-cross-domain-policies x-powered-by x-request-id x-requested-with
    x-robots-tag x-ua-compatible x-xss-protection"""
)
_KNOWN_HEADER = re.compile(
    r"(?:x-ms-|accept|access-control-|sec-ch-|sec-fetch-|sec-gpc|if-|odata|ocp-aad-|sec-websocket-)"
)


@lru_cache(maxsize=5_000)
def header_kind(name: str) -> Kind | None:
    """Return the kind of a header that is removed; None for one that is known to hold nothing by itself."""
    lower = name.strip().lower()
    if lower in _HARMLESS_HEADERS:
        return None
    if "cookie" in lower:
        return Kind.COOKIE
    if _PERSONAL_HEADER.search(lower):
        return Kind.PERSONAL_HEADER
    named = by_name(lower)
    if named is not None and not named.unsure:
        return named.kind
    if _SECRET_HEADER.search(lower):
        return Kind.TOKEN
    if lower in {"sec-websocket-protocol", "sec-websocket-accept"}:
        return Kind.TOKEN
    return None if lower in _KNOWN_HEADERS or _KNOWN_HEADER.match(lower) else Kind.UNKNOWN_HEADER


_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,2000}={0,2}")
_LOGIN = re.compile(rb"[\w.@+-]{1,64}:[\x21-\x7e\x80-\xff]{3,}")
_PLAIN_VALUE = re.compile(
    r"[a-z]{1,15}|[+-]?[\d.]{1,15}|\w{1,7}|(?:AADSTS|AKV|0x)[0-9A-Fa-f]{4,8}"
    r"|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
)
_WORDS = re.compile(r"[A-Za-z]+(?:[_.-][A-Za-z]+)*")
_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_LONGEST_WORD = 18
_TOKEN = re.compile(r"[\w.~+/=!*$%-]+")
_LONG_ENOUGH = 12


def is_login(value: str) -> bool:
    """Whether a value is the base64 of `user:password`, as HTTP and the configuration of Docker have it."""
    decoded = decoded_base64(value) if _BASE64.fullmatch(value) else None
    return decoded is not None and bool(_LOGIN.fullmatch(decoded))


def is_plain(value: str) -> bool:
    """Whether a value is a sentence, a plain word, a code such as `AuthorizationFailed`, a number or a GUID."""
    if " " in value or _PLAIN_VALUE.fullmatch(value):
        return True
    pieces = _PIECE.findall(value)
    return bool(_WORDS.fullmatch(value)) and 3 * len(pieces) <= len(value) and max(map(len, pieces)) <= _LONGEST_WORD


def is_token_like(value: str, shortest: int = _LONG_ENOUGH) -> bool:
    """Whether a value looks like a token: long, without spaces, and mixed of short runs of letters and digits."""
    pieces = _PIECE.findall(value)
    has_digit = any(map(str.isdigit, value))
    is_mixed = has_digit and not re.fullmatch(r"[\d.+-]+|[A-Za-z]+\d+", value) and len(value) < 4 * len(pieces)
    return len(value) >= shortest and is_mixed and bool(_TOKEN.fullmatch(value)) and not is_plain(value)
