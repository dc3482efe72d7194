"""The names of the library: each name that is imported here is one that `import auditor` gives."""

from auditor.access.verdicts import AccessAnswer as AccessAnswer
from auditor.access.verdicts import AccessVerdict as AccessVerdict
from auditor.access.who_can import WhoCan as WhoCan
from auditor.audit.findings import Coverage as Coverage
from auditor.audit.findings import Finding as Finding
from auditor.audit.findings import Severity as Severity
from auditor.audit.findings import Verdict as Verdict
from auditor.audit.rules.mistakes import BadRule as BadRule
from auditor.azure.errors import ReadFailed as ReadFailed
from auditor.azure.errors import SignInFailed as SignInFailed
from auditor.azure.errors import UnknownCloud as UnknownCloud
from auditor.azure.errors import Unreachable as Unreachable
from auditor.cleanup.plan import CleanupPlan as CleanupPlan
from auditor.collect.request import BadRequest as BadRequest
from auditor.inventory.arm_id import MalformedArmId as MalformedArmId
from auditor.inventory.snapshot.files import BadSnapshot as BadSnapshot
from auditor.inventory.snapshot.snapshot import Snapshot as Snapshot
from auditor.library.facade import audit as audit
from auditor.library.facade import collect as collect
from auditor.library.facade import load as load
from auditor.library.facade import plan as plan
from auditor.library.facade import save as save
from auditor.library.result import Result as Result
