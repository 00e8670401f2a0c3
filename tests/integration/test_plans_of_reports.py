"""Pages and reports are planned for their values each time, whatever PostgreSQL makes of plans for any values."""

import pytest
from sqlalchemy import text

from tests.world import World

pytestmark = pytest.mark.anyio

MODE = "SELECT current_setting('plan_cache_mode')"


@pytest.mark.parametrize(
    ("options", "mode"), [({}, "auto"), ({"reading": True}, "force_custom_plan"), ({"snapshot": True}, "force_custom_plan")]
)
async def test_only_in_units_of_work_that_read(world: World, options: dict[str, bool], mode: str) -> None:
    async with world.units_of_work(world.tenant_id, **options) as uow:
        assert (await uow.connection.execute(text(MODE))).scalar_one() == mode
    async with world.units_of_work(world.tenant_id) as uow:
        assert (await uow.connection.execute(text(MODE))).scalar_one() == "auto", "it ends with its transaction"
