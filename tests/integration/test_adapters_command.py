"""`glint adapters`."""

import json
import subprocess
import sys

from app.adapters.erp.registry import BUILT_IN


def adapters(*arguments: str) -> str:
    command = [sys.executable, "-m", "app.cli", "adapters", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def test_every_adapter_is_listed_with_what_it_can_do() -> None:
    listed = {each["name"]: each for each in json.loads(adapters("--json"))["adapters"]}

    assert listed.keys() == {each.name for each in BUILT_IN}
    assert all(each["built_in"] and each["title"] for each in listed.values())
    assert listed["json"]["capabilities"]["highest_validation"] == "erp_dry_run"
    assert listed["json"]["capabilities"]["commitments"] is True


def test_people_read_it_too() -> None:
    text = adapters()

    assert text.startswith("".join(sorted(f"{each.name}: {each.title}\n" for each in BUILT_IN)[:1]))
    assert "    validation: erp_dry_run (asks for a dry run)\n" in text
