"""Names of secrets and names that look alike: what the words of a name say of its value."""

import pytest

from auditor.har.scrub.names import by_name
from auditor.har.scrub.words import words

SECRET = words(
    """dbPass STRIPE_KEY vmAdminPw x-ms-pass x-ms-pw x-ms-sas PIN userPin pinCode dbpass adminpw DBPass SASToken sasUri
    MY_PASS Pass1 adminPassword2 smtpPwd secretText clientSecretValue passwordConfirm githubPat GH_PAT redisPsk
    myConnStr sshPrivateKey SENDGRID_API_KEY twilioAuthToken vmSecret webhookSecret hubCreds dbCreds x-functions-key
    signingSecret newPassword currentPw adminPwd1 appPw userpass tokens_2 passwordResetToken ADMIN-PASSWORD db.pass"""
)
BY_VALUE = words("privKey secret_id client_secret_id stripekey integrityKey")
"""Names whose values are removed unless they are plain."""
HARMLESS = words(
    """keyVaultName publicKeyToken passwordLastChanged tokenType sortKey partitionKey keyVaultId bypass compass
    pinToDashboard passThrough passCount secretName secretUri tokenEndpoint passwordProfile isPinned passwordexpired
    tokenLifetimePolicies passwordlastchanged tokenize secretary cancellationToken keyId publicKey sshPublicKeys
    cacheKey primaryKeyName signatureAlgorithm sasPolicy connectionStringName passwordPolicies monkey hotkey rowKey
    lastPasswordChangeDateTime keyType key keys signInAudience design assignment signalName passed keyvault
    allowSharedKeyAccess disableLocalAuth tokenExpiration secretExpiry pattern pathPrefix updated compat dispatch"""
)


@pytest.mark.parametrize("name", sorted(SECRET))
def test_the_words_of_a_name_tell_that_its_value_is_secret(name: str) -> None:
    about = by_name(name)
    assert about is not None
    assert about.is_of("1234")


@pytest.mark.parametrize("name", sorted(BY_VALUE))
def test_a_name_that_is_not_sure_leaves_plain_values(name: str) -> None:
    about = by_name(name)
    assert about is not None
    assert about.is_of("Zq9x7Lm2Vt4Rk8Pw")
    assert not about.is_of("1b4e28ba-2fa1-11d2-883f-0016d3cca427")
    assert not about.is_of("enabled")


@pytest.mark.parametrize("name", sorted(HARMLESS))
def test_a_name_of_something_about_a_secret_is_harmless(name: str) -> None:
    assert by_name(name) is None
