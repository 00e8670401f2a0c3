"""The `tryton` adapter against a real Tryton: skipped, with what to do, where it is not installed."""

from collections.abc import AsyncIterator

import pytest

from tests.contract.erp_suite import ErpContract
from tests.contract.tryton_harness import TrytonHarness, running
from tests.erps.tryton_server import TrytonServer


@pytest.fixture
async def erp(tryton: TrytonServer) -> AsyncIterator[TrytonHarness]:
    async with running(tryton) as harness:
        yield harness


class TestTrytonAdapter(ErpContract):
    """All of the contract."""
