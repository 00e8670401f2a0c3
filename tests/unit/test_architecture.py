"""The direction of every import (DESIGN, "Layers"). A module or a package that nobody placed here fails too."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

CORE = ("app.application", "app.domain")
PORTS = ("app.application.ports", "app.domain")

LAYERS: dict[str, tuple[str, ...]] = {
    # the three rings
    "app.domain": (),
    "app.application": ("app.domain",),
    "app.adapters": PORTS,
    "app.adapters.postgres": PORTS,
    "app.adapters.erp": PORTS,
    "app.adapters.procurement": PORTS,
    "app.adapters.oidc": (*PORTS, "app.adapters.erp"),
    # what drives the application
    "app.api": (*CORE, "app.observability"),
    "app.web": (*CORE, "app.api", "app.observability"),
    "app.worker": (*CORE, "app.observability"),
    # what everything may be told
    "app.config": (),
    "app.observability": (),
    "app.witness": (*PORTS, "app.observability"),
    # the composition root, and what starts it
    "app.wiring": (*CORE, "app.adapters", "app.worker", "app.config"),
    "app.bootstrap": (*CORE, "app.adapters", "app.wiring", "app.witness", "app.config", "app.observability"),
    "app.main": ("app.api", "app.web", "app.bootstrap", "app.observability"),
    "app.serve": ("app.bootstrap", "app.wiring", "app.main", "app.worker", "app.config", "app.observability", "app.application.ports"),
    "app.audit": ("app.application", "app.bootstrap", "app.wiring", "app.config", "app.observability"),
    "app.users_cli": ("app.domain", "app.application", "app.bootstrap", "app.wiring", "app.config", "app.observability"),
    "app.keys": ("app.application.ports", "app.bootstrap", "app.wiring", "app.config", "app.observability"),
    "app.secrets_cli": ("app.application", "app.bootstrap", "app.wiring", "app.config", "app.observability"),
    "app.reconcile_cli": ("app.api", "app.domain", "app.application", "app.bootstrap", "app.config", "app.observability", "app.wiring"),
    "app.adapters_cli": ("app.adapters.erp",),
    "app.cli": (
        "app.application.ports",
        "app.bootstrap",
        "app.serve",
        "app.audit",
        "app.adapters_cli",
        "app.reconcile_cli",
        "app.keys",
        "app.users_cli",
        "app.secrets_cli",
        "app.api.openapi",
        "app.demo",
        "app.reference_erp",
        "app.config",
        "app.observability",
    ),
    # worlds of their own
    "app.reference_erp": (),
    "app.demo": ("app.reference_erp", "app.config"),
    "migrations": ("app.adapters.postgres",),
}
"""What each part may import besides itself. The longest name that fits decides."""

DRIVERS = ("app.api", "app.main", "app.web")
ROOT_PARTS = ("app.bootstrap", "app.wiring")
POSTGRES = ("app.adapters.postgres", "migrations")

PACKAGES: dict[str, tuple[str, ...]] = {
    "alembic": POSTGRES,
    "anyio": ("app.adapters.erp",),
    "argon2": ("app.adapters",),
    "asyncpg": POSTGRES,
    "cryptography": ("app.adapters",),
    "fastapi": (*DRIVERS, "app.reference_erp"),
    "httpcore": ("app.adapters.erp",),
    "httpx": ("app.adapters.erp", "app.demo"),
    "iso4217": ("app.adapters", "app.reference_erp"),
    "jinja2": ("app.web",),
    "joserfc": ("app.adapters.oidc",),
    "lxml": ("app.adapters.procurement", "app.adapters.erp.xml"),
    "openpyxl": ("app.api",),
    "orjson": ("app.adapters.postgres", "app.api"),
    "prometheus_client": ("app.api", "app.observability"),
    "pydantic": ("app.application", "app.adapters", "app.api", "app.config", "app.bootstrap", "app.reference_erp"),
    "pydantic_settings": ("app.config",),
    "sqlalchemy": (*POSTGRES, *ROOT_PARTS),
    "standardwebhooks": ("app.adapters.erp.agreed", "app.reference_erp"),
    "starlette": (*DRIVERS, "app.reference_erp"),
    "structlog": ("app.adapters", "app.api", "app.web", "app.observability", "app.bootstrap", "app.worker", "app.serve", "app.witness"),
    "typer": ("app.cli",),
    "uvicorn": ("app.serve", "app.reference_erp"),
    "yaml": ("app.api.openapi",),
}
"""Who may import a package from elsewhere."""

EXCEPTIONS: set[tuple[str, str]] = set()
"""Arrows that run the wrong way and are known, as (module, imported). Keep it empty."""


def _modules() -> Iterator[tuple[str, Path]]:
    for top in ("app", "migrations"):
        for path in sorted((ROOT / top).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


MODULES = dict(_modules())


@cache
def _imports(module: str) -> frozenset[str]:
    """The modules that a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} has a relative import"
            base = node.module or ""
            found |= {full if (full := f"{base}.{alias.name}") in MODULES else base for alias in node.names}
    return frozenset(found)


def _is_under(name: str, prefixes: tuple[str, ...]) -> bool:
    return any(name == prefix or name.startswith(prefix + ".") for prefix in prefixes)


def _place(module: str) -> str | None:
    return max((layer for layer in LAYERS if _is_under(module, (layer,))), key=len, default=None)


@pytest.mark.parametrize("module", [module for module in MODULES if module != "app"])
def test_imports_run_inwards(module: str) -> None:
    place = _place(module)
    assert place is not None, f"say in LAYERS where {module} stands"
    ours = {imported for imported in _imports(module) if imported.split(".")[0] in ("app", "migrations")}
    wrong = {imported for imported in ours if _place(imported) != place and not _is_under(imported, LAYERS[place])}
    assert not {(module, imported) for imported in wrong} - EXCEPTIONS


@pytest.mark.parametrize("module", MODULES)
def test_packages_stay_where_they_belong(module: str) -> None:
    packages = {imported.split(".")[0] for imported in _imports(module)} - sys.stdlib_module_names - {"app", "migrations"}
    unplaced = packages - PACKAGES.keys()
    assert not unplaced, "say in PACKAGES who may import it"
    assert not {package for package in packages if not _is_under(module, PACKAGES[package])}


def test_the_domain_takes_neither_time_nor_chance_nor_the_outside() -> None:
    outside = {"asyncio", "logging", "os", "pathlib", "random", "secrets", "socket", "subprocess", "time", "threading"}
    found = {module: _imports(module) & outside for module in MODULES if _is_under(module, ("app.domain",))}
    assert not {module: imported for module, imported in found.items() if imported}


def test_the_rules_are_about_what_exists() -> None:
    """A rule for a module that is gone would only look like one. What is planned may be named before it is there."""
    planned = {"app.web", "app.demo", "app.serve"}
    assert {layer for layer in LAYERS if layer not in MODULES} <= planned


def test_a_wrong_arrow_would_be_seen() -> None:
    assert _place("app.adapters.postgres.tables.base") == "app.adapters.postgres"
    assert not _is_under("app.adapters.postgres", LAYERS["app.application"])
    assert not _is_under("app.application_extra", ("app.application",))
    assert "app.domain.errors" in _imports("app.api.errors")
