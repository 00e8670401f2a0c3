"""The Odoos that the tests run: the newest, and the oldest that the adapter speaks to. Both as Debian packages them."""

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class OdooRelease:
    """`packages` begin with the program; the others are what its pages link to: without these even a 404 fails. `pythons` are those that
    it runs on, the first and the one after the last. `modules` are installed, with `options`."""

    version: int
    suite: str
    packages: tuple[str, ...]
    pythons: tuple[tuple[int, int], tuple[int, int]]
    modules: str
    options: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"odoo{self.version}"

    @property
    def requirements(self) -> Path:
        return HERE / f"{self.name}-requirements.txt"


ODOO_19 = OdooRelease(
    version=19,
    suite="unstable",
    packages=("odoo-19", "libjs-jquery", "libjs-jquery-form", "libjs-underscore", "fonts-font-awesome"),
    pythons=((3, 11), (3, 14)),
    modules="account,rpc",
    # What Odoo would add by itself to these modules has nothing to do with a ledger, and takes half a minute.
    options=("--skip-auto-install",),
)
ODOO_14 = OdooRelease(
    version=14,
    suite="bullseye",
    packages=("odoo-14", "libjs-jquery", "libjs-jquery-ui", "libjs-underscore", "fonts-font-awesome"),
    pythons=((3, 7), (3, 10)),
    modules="account",
    options=("--without-demo=all",),
)
