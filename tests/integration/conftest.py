"""Fixtures of tests on a real database: the use cases, and an ERP that they deliver to."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.reference_erp_process import ReferenceErp
from tests.world import CHART, World, make_world


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with make_world(database_url) as world:
        yield world


@pytest.fixture
def erp(tmp_path: Path) -> Iterator[ReferenceErp]:
    with ReferenceErp(tmp_path / "erp.db", token="erp-token") as erp:
        erp.load_chart(CHART)
        yield erp
