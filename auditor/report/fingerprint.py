"""What stays the same of a finding from one scan to the next."""

from hashlib import sha256

from auditor.audit.findings import Finding


def fingerprint(finding: Finding) -> str:
    """Return a digest of the rule and its subject, so that tools recognise a finding whatever its verdict or message.

    Letter case does not count, for Azure ignores it in ids.
    """
    parts = (finding.rule, finding.subject.kind, finding.subject.id.lower())
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
