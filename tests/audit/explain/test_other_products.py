"""Numbers of other products, which mean something else there: none is answered as an error of Azure Migrate."""

import pytest

from auditor.audit.catalogue import catalogue
from auditor.audit.explain.explanation import explanation
from auditor.audit.rules.book import load_rules
from auditor.data import rules_dir

RULES = load_rules(rules_dir())

OTHERS = [
    ("error 9000 AzCopy", "9000", "AzCopy"),
    ("AzCopy failed with error code 9000", "9000", "AzCopy"),
    ('{"source":"AzCopy","errorCode":9000}', "9000", "AzCopy"),
    ("Site Recovery error ID 10003", "10003", "Site Recovery"),
    ("error 10003 in Azure Site Recovery", "10003", "Site Recovery"),
    ("Event ID 60052 in Windows log", "60052", "Windows event log"),
    ("Event ID: 60052", "60052", "Windows event log"),
    ("Log Name: System\nSource: Service Control Manager\nEvent ID:      10010", "10010", "Windows event log"),
    ("SQL error 9002", "9002", "SQL Server"),
    ("SQL Server error 9002: the transaction log is full", "9002", "SQL Server"),
    ("SQL error 10060", "10060", "SQL Server"),
    ("MySQL returned error 9010", "9010", "another database"),
    ("HRESULT 10003", "10003", "HRESULT"),
    ("Win32 error 9003", "9003", "Win32"),
    ("the process ended with exit code 9001", "9001", "Win32"),
    ("event 10010, DistributedCOM", "10010", "Windows event log"),
    ("Process exited with code 9001", "9001", "Win32"),
    ("Cloudflare error 1018", "1018", "another product"),
    ("SQLSTATE 40001", "40001", "SQL Server"),
    ("HTTP error 10000", "10000", "HTTP"),
    ("Windows Update error 0x80070005", "0x80070005", "Windows Update"),
    ("error 60030 in Azure Backup", "60030", "Azure Backup"),
    ("Veeam error 1039", "1039", "another product"),
    ("ERROR 1018 (HY000): Can't read dir of './test/' (errno: 13)", "1018", "an unclear product"),
    ("Error 633: The modem (or other connecting device) is already in use", "633", "an unclear product"),
    ("Exchange Online NDR 5.7.1 error 1012", "1012", "an unclear product"),
    ("NSX error 951", "951", "an unclear product"),
    ("Task sequence failed with error code 508", "508", "an unclear product"),
    ("AnyConnect error 1028", "1028", "an unclear product"),
    ("error 802 in the spooler", "802", "an unclear product"),
    ("SCOM alert 60109", "60109", "another product"),
    ("error (10003) of Site Recovery; Azure has it too", "10003", "Site Recovery"),
]
OURS = [
    ("SQL 30004", "sql-rights-missing"),
    ("SQL Server discovery on the appliance: error 30004", "sql-rights-missing"),
    ("Site Recovery error 1039", "vault-permissions-lost"),
    ("error ID 181008 in Site Recovery", "replication-no-disk-snapshots"),
    ("HRESULT: -2144108103", "winrm-name-not-resolved"),
    ("error 50004: DNS does not resolve the host", "winrm-name-not-resolved"),
    ("Error 802", "clock-skew"),
    ('{"errorCode": "1018", "message": "x"}', "replication-tracking-reset"),
    ("Replication of VM01 failed with error 1018", "replication-tracking-reset"),
    ("error 802 in the spooler, and the appliance shows 802", "clock-skew"),
    ("error 60052, and AzCopy works", "registration-refused"),
    ("Event ID 60052 in the log. The appliance shows error 60052.", "registration-refused"),
    ("the event on the host failed with error 60052", "registration-refused"),
    ("Event ID 7036; error 60052", "registration-refused"),
    ("error 9012 of the Azure Migrate appliance", "guest-discovery-errors"),
]


@pytest.mark.parametrize(("text", "number", "product"), OTHERS)
def test_a_number_of_another_product_is_unknown(text: str, number: str, product: str) -> None:
    found = explanation(text, catalogue(), RULES)
    same = [entry.id for entry in catalogue().about(number)]
    assert [(one.number, one.product, list(one.entries)) for one in found.others] == [(number, product, same)]
    assert number in found.unknown
    assert found.shown == ()
    assert not set(same) & {match.entry.id for match in found.matches}


@pytest.mark.parametrize(("text", "entry"), OURS)
def test_a_number_that_is_azure_migrates_too_is_answered(text: str, entry: str) -> None:
    found = explanation(text, catalogue(), RULES)
    assert [one.entries[0].id for one in found.shown][:1] == [entry]
