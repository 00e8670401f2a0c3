"""What installs Glint: the lock files, the Makefile, the container file, and that they agree with one another and with pyproject.toml."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from app.config import Settings

ROOT = Path(__file__).parents[2]
LOCKS = ("build", "dev", "runtime")
TARGETS = ("install", "demo", "test", "lint", "bench", "openapi", "lock")


def read(path: str) -> str:
    return (ROOT / path).read_text()


def project() -> Mapping[str, Any]:
    return tomllib.loads(read("pyproject.toml"))


@cache
def pins(lock: str) -> Mapping[str, tuple[Requirement, int]]:
    """Each package of a lock file: what it is pinned to, and how many files may be installed for it."""
    entries = re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n", "", read(f"requirements/{lock}.txt"), flags=re.MULTILINE).strip())
    found: dict[str, tuple[Requirement, int]] = {}
    for entry in entries:
        first, *rest = entry.split("\\\n")
        assert all(re.fullmatch(r"\s+--hash=sha256:[0-9a-f]{64}\s*", line) for line in rest), entry
        pin = Requirement(first.strip())
        found[canonicalize_name(pin.name)] = (pin, len(rest))
    return found


def version(lock: str, name: str) -> str:
    (specifier,) = pins(lock)[canonicalize_name(name)][0].specifier
    assert specifier.operator == "=="
    return specifier.version


def needed() -> Mapping[str, Iterable[str]]:
    declared = project()
    run, dev = declared["project"]["dependencies"], declared["project"]["optional-dependencies"]["dev"]
    return {"runtime": run, "dev": [*run, *dev], "build": declared["build-system"]["requires"]}


def pip_steps(path: str) -> set[str]:
    return {step.removesuffix(" \\") for step in re.findall(r"(?i)\bpip\b.* (?:install|wheel) (--.*)", read(path))}


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_one_version_with_hashes_and_no_place(lock: str) -> None:
    assert all(pin.url is None and hashes for pin, hashes in pins(lock).values())
    for name in pins(lock):
        version(lock, name)
    assert not re.search(r"://|^-|[\s=@]\.{0,2}/", read(f"requirements/{lock}.txt"), flags=re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_covers_what_pyproject_asks_for(lock: str) -> None:
    """If this fails: make lock."""
    for text in needed()[lock]:
        wanted = Requirement(text)
        assert canonicalize_name(wanted.name) in pins(lock), f"{lock}: {text}"
        assert wanted.specifier.contains(version(lock, wanted.name)), f"{lock}: {text}"


def test_what_is_tested_is_what_runs() -> None:
    assert {name: version("dev", name) for name in pins("runtime")} == {name: version("runtime", name) for name in pins("runtime")}
    both = pins("build").keys() & pins("dev").keys()
    assert {name: version("build", name) for name in both} == {name: version("dev", name) for name in both}


def test_makefile_has_the_targets_that_people_rely_on() -> None:
    makefile = read("Makefile")
    for target in TARGETS:
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
        assert re.search(rf"^\.PHONY:.*\b{target}\b", makefile, flags=re.MULTILINE), target


def test_container_is_installed_as_make_installs() -> None:
    """Hash-checked from the lock files, then the project itself with the locked build tools and nothing else."""
    made, contained = pip_steps("Makefile"), pip_steps("Dockerfile")
    assert made == {"--require-hashes -r requirements/build.txt -r requirements/dev.txt", "--no-deps --no-build-isolation --editable ."}
    assert contained == {
        "--require-hashes -r requirements/build.txt",
        "--require-hashes -r requirements/runtime.txt",
        "--no-deps --no-build-isolation --wheel-dir dist .",
        "--no-deps --no-index dist/*.whl",
    }


def test_container_has_what_the_project_is_made_of() -> None:
    dockerfile, ignored = read("Dockerfile"), read(".dockerignore").split()
    for package in project()["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]:
        assert f"COPY {package} {package}" in dockerfile
        assert f"!{package}" in ignored


def test_container_runs_unprivileged_and_says_whether_it_lives() -> None:
    last_stage = read("Dockerfile").rpartition("\nFROM ")[2]
    assert re.search(r"^USER [1-9][0-9]*:[1-9][0-9]*$", last_stage, flags=re.MULTILINE)
    assert "/healthz" in last_stage
    assert 'ENTRYPOINT ["glint"]\nCMD ["serve", "--host", "0.0.0.0", "--port", "8080"]' in last_stage


def test_container_file_has_no_lint() -> None:
    lint = subprocess.run(
        [Path(sys.executable).parent / "hadolint", "--no-color", ROOT / "Dockerfile"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (lint.returncode, lint.stdout + lint.stderr) == (0, "")


def test_every_setting_is_explained() -> None:
    explained = re.findall(r"^\| `(GLINT_\w+)` \|", read("docs/deployment.md"), flags=re.MULTILINE)
    assert sorted(explained) == sorted(f"GLINT_{name.upper()}" for name in Settings.model_fields)
