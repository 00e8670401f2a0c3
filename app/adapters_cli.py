"""`glint adapters`: the ERPs that endpoints can be of, and what each can do."""

import json
import sys
from dataclasses import asdict
from typing import Any

from app.adapters.erp.destination import Destination
from app.adapters.erp.registry import BUILT_IN, BrokenAdapter, destinations

DRY_RUNS = {"none": "reads its reference data", "draft": "makes a draft and deletes it", "erp": "asks for a dry run"}


def run_adapters(*, as_json: bool) -> int:
    """Prints them by name, as a table or as JSON `{"adapters": [{"name", "title", "built_in", "capabilities"}]}`; 0, or 2 where an
    added one cannot be used."""
    try:
        listed = [_told(each) for each in sorted(destinations().values(), key=lambda each: each.name)]
    except BrokenAdapter as error:
        sys.stderr.write(f"glint adapters: {error}\n")
        return 2
    sys.stdout.write(json.dumps({"adapters": listed}, indent=2) + "\n" if as_json else "".join(map(_lines, listed)))
    return 0


def _told(destination: Destination) -> dict[str, Any]:
    return {
        "name": destination.name,
        "title": destination.title,
        "built_in": destination in BUILT_IN,
        "capabilities": asdict(destination.capabilities),
    }


def _lines(adapter: dict[str, Any]) -> str:
    can = adapter["capabilities"]
    batch = f"{can['batch_max']} journals a call" if can["batch_max"] > 1 else "one journal a call"
    lines = "any number of lines" if can["max_lines"] is None else f"at most {can['max_lines']} lines"
    facts = [
        f"validation: {can['highest_validation']} ({DRY_RUNS[can['dry_run']]})",
        f"{batch}, {lines}",
        "commitments: " + ("in a ledger of their own" if can["commitments"] else "none: set `commitments` to omit"),
        "currencies: " + ("any" if can["foreign_currency"] else "its base currency only"),
        "reconciliation: " + ("reads its ledger" if can["reads_books"] else "its ledger cannot be read"),
    ]
    added = "" if adapter["built_in"] else " (added)"
    return f"{adapter['name']}: {adapter['title']}{added}\n" + "".join(f"    {fact}\n" for fact in facts)
