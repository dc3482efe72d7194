"""The fixture `client`: a signed-in client of the small environment."""

from collections.abc import AsyncIterator

import pytest

from tests.emulator.contoso_corner import Client, corner, signed_in


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with signed_in(corner()) as client:
        yield client
