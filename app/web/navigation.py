"""The screens there are, in the order of the menu. One that is not built yet has no path, and is not shown."""

from dataclasses import dataclass

from app.web.parts import PREFIX


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    name: str
    path: str | None


SCREENS = (
    Screen(name="GL integration", path=f"{PREFIX}/"),
    Screen(name="Orders", path=f"{PREFIX}/orders"),
    Screen(name="Debtor transactions", path=f"{PREFIX}/debtor-transactions"),
    Screen(name="Ledger", path=f"{PREFIX}/ledger"),
    Screen(name="GRNI and commitments", path=f"{PREFIX}/outstanding"),
    Screen(name="Events", path=f"{PREFIX}/events"),
    Screen(name="Set-up", path=f"{PREFIX}/set-up"),
    Screen(name="Health", path=f"{PREFIX}/health"),
    Screen(name="Audit log", path=f"{PREFIX}/audit-log"),
)
"""To add a screen: a route file, its template, and its path here."""


def menu() -> list[Screen]:
    return [screen for screen in SCREENS if screen.path is not None]
