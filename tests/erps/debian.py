"""Unpacks packages of another Debian release beside the system: what the system has installed and knows of packages stays untouched."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.erps.installed import InstallationError, plain_environment, run_logged

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
ARCHIVE = "/debian"  # how the address of Debian's main archive ends on every mirror
SECONDS = 600


def unpack(*packages: str, suite: str, into: Path, log: Path) -> str:
    """Downloads the packages of that release from the mirror that the system uses, and returns the version of the first.

    `into` is there only once it is whole. Raises `InstallationError`, also where the release no longer has one of them.
    """
    state, new = into.with_name(into.name + ".apt"), into.with_name(into.name + ".new")
    for folder in (state, new, into):
        shutil.rmtree(folder, ignore_errors=True)
    options = _apt_state(state, f"deb [{_signed_by()}] {_mirror()} {suite} main")
    run_logged(["apt-get", *options, "update"], log=log, seconds=SECONDS)
    run_logged(["apt-get", *options, "download", *packages], log=log, seconds=SECONDS, folder=state)
    for file in state.glob("*.deb"):
        run_logged(["dpkg-deb", "--extract", file, new], log=log, seconds=SECONDS)
    (first,) = state.glob(f"{packages[0]}_*.deb")
    new.rename(into)
    shutil.rmtree(state)
    return first.name.split("_")[1]


def _apt_state(folder: Path, source: str) -> list[str]:
    """Options for an apt that keeps all it knows in this folder."""
    for part in ("lists/partial", "cache/archives/partial"):
        (folder / part).mkdir(parents=True)
    (folder / "sources.list").write_text(source + "\n")
    (folder / "status").touch()
    settings = {
        "Dir::Etc::SourceList": folder / "sources.list",
        "Dir::Etc::SourceParts": os.devnull,
        "Dir::Etc::Preferences": os.devnull,
        "Dir::Etc::PreferencesParts": os.devnull,
        "Dir::State::Lists": folder / "lists",
        "Dir::State::Status": folder / "status",
        "Dir::Cache": folder / "cache",
        "Acquire::Languages": "none",
        "APT::Update::Post-Invoke-Success": "",
        "APT::Sandbox::User": "root",  # the folder may be closed to the user that apt would become
    }
    return [f"--option={name}={value}" for name, value in settings.items()]


def _mirror() -> str:
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, env=plain_environment())
    except (OSError, subprocess.SubprocessError) as error:
        raise InstallationError("this is no Debian: there is no apt-get that knows a mirror") from error
    for address in answer.stdout.split():
        if address.rstrip("/").endswith(ARCHIVE):
            return address
    raise InstallationError("this machine's apt uses no mirror of Debian")


def _signed_by() -> str:
    if not KEYRING.exists():
        raise InstallationError(f"there is no {KEYRING}: install the package debian-archive-keyring")
    return f"signed-by={KEYRING}"
