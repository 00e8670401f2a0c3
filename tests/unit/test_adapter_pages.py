"""Every adapter that is built in has a page, and the table of them knows all."""

import re
from pathlib import Path

from app.adapters.erp.registry import BUILT_IN

PAGES = Path(__file__).parents[2] / "docs" / "adapters"


def test_every_adapter_has_its_page() -> None:
    rows = dict(re.findall(r"^\| `([a-z_]+)` \| .* \| \[[^\]]+\]\(([^)]+)\) \|$", (PAGES / "README.md").read_text(), re.MULTILINE))

    assert rows.keys() == {each.name for each in BUILT_IN}
    assert all((PAGES / page).is_file() for page in rows.values())
    assert {page.name for page in PAGES.glob("*.md")} - {"README.md"} <= set(rows.values())
