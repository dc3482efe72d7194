import pytest

from auditor.access.rbac.patterns import Fit, Patterns, normalized, zero_segment_reading

READ = "Microsoft.Migrate/migrateProjects/read"


@pytest.mark.parametrize(
    ("pattern", "operation", "fit"),
    [
        ("*", READ, Fit.YES),
        ("*/read", READ, Fit.YES),
        ("*/read", "Microsoft.Migrate/migrateProjects/write", Fit.NO),
        ("Microsoft.Migrate/*", "Microsoft.Migrate/migrateProjects/solutions/write", Fit.YES),
        ("Microsoft.Migrate/*/write", "Microsoft.Migrate/migrateProjects/solutions/write", Fit.YES),
        ("Microsoft.Migrate/*", "Microsoft.MigrateMore/things/read", Fit.NO),
        ("Microsoft.Migrate/migrateProjects/read", "Microsoft.Migrate/migrateProjects/read/extra", Fit.NO),
        ("MICROSOFT.migrate/MIGRATEPROJECTS/Read", READ, Fit.YES),
        (" Microsoft.Migrate/migrateProjects/read  ", READ, Fit.YES),
        ("Microsoft.*/migrateProjects/*", READ, Fit.YES),
        ("Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/vaults/keys/read", Fit.YES),
        ("Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/vaults/read", Fit.INFERRED),
        ("Microsoft.Migrate.*/read", "MicrosoftXMigrateX/read", Fit.NO),
        ("Microsoft.Storage/accounts(1)/read", "Microsoft.Storage/accounts1/read", Fit.NO),
        ("", READ, Fit.NO),
    ],
)
def test_a_pattern_covers_an_operation(pattern: str, operation: str, fit: Fit) -> None:
    assert Patterns((pattern,)).fit(normalized(operation)) is fit


def test_duplicates_and_other_letter_cases_are_one_pattern() -> None:
    assert Patterns(("A/read", "a/READ ", "A/read")).patterns == ("a/read",)


def test_a_literal_reading_outweighs_an_inferred_one() -> None:
    patterns = Patterns(("A/*/read", "A/read", "B/*"))
    assert patterns.fit("a/read") is Fit.YES
    assert patterns.deciding("a/read") == "A/read"


def test_the_deciding_pattern_is_shown_as_written() -> None:
    assert (
        Patterns(("Microsoft.Migrate/* ", "*/read")).deciding("microsoft.migrate/projects/write")
        == "Microsoft.Migrate/*"
    )
    assert Patterns(("*/read",)).deciding("a/write") == ""


@pytest.mark.parametrize("pattern", ["*", "*/read", "a/*", "a/b/read"])
def test_the_zero_segment_reading_concerns_only_inner_wildcards(pattern: str) -> None:
    assert zero_segment_reading(pattern) is None
