"""The command and the emulated Contoso of the tests of the command line."""

from tests.cli.conftest import contoso, migaudit, signed_in

__all__ = ["contoso", "migaudit", "signed_in"]
