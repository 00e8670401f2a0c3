"""The operator's keys for credentials: `glint secrets rotate` and `glint secrets status`. No key is ever printed, only ids."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TextIO

from app.application.ports.secrecy import RotationUnderWay
from app.application.rotate_secrets import RotateSecrets
from app.application.sealed_parts import PartKind
from app.bootstrap import Container, build
from app.config import read_settings, why
from app.observability import configure_logging
from app.wiring import wire_tenant_directory

DONE, NOT_DONE, NOT_RUN = 0, 1, 2


def run_rotate() -> int:
    """Seals all credentials anew; 0 when all are sealed with the primary key, 1 when some are not, 2 where it could not run."""
    return _run("rotate", rotate)


def run_status() -> int:
    """Says how many credentials each key seals."""
    return _run("status", status)


def _run(name: str, command: Callable[[Container, TextIO], Awaitable[int]]) -> int:
    configure_logging("ERROR")
    try:
        return asyncio.run(_with_container(command))
    except RotationUnderWay:
        sys.stderr.write("glint secrets: another rotation is under way\n")
    except Exception as error:  # noqa: BLE001 - whatever it was, not everything is sealed, and the exit status must say so
        sys.stderr.write(f"glint secrets {name} could not run: {why(error)}\n")
    return NOT_RUN


async def _with_container(command: Callable[[Container, TextIO], Awaitable[int]]) -> int:
    container = await build(read_settings())
    try:
        return await command(container, sys.stdout)
    finally:
        await container.close()


async def rotate(container: Container, out: TextIO) -> int:
    """Under the ring's lock: a new key first, then everything sealed with it, and only then the older keys go."""
    with container.key_ring.exclusively():
        made = container.key_ring.renew()
        primary, *older = container.secrets.key_ids()
        out.write(f"{'new' if made else 'present'} key {primary}, {len(older)} older\n")
        sealed_anew = unopened = 0
        async for done in _use_case(container)():
            sealed_anew += done.sealed_anew
            unopened += len(done.unopened)
            for part in done.unopened:
                remedy = "authorise it again" if part.kind is PartKind.TOKENS else "send them again"
                out.write(f"no key opens the {part.kind} of endpoint {part.endpoint} of tenant {done.tenant.name}: {remedy}\n")
        out.write(f"{sealed_anew} credentials sealed anew\n")
        if unopened:
            out.write(f"{unopened} could not be: the older keys stay\n")
            return NOT_DONE
        out.flush()
        dropped = container.key_ring.drop_older()
        out.write(f"everything is sealed with {primary}; {_farewell(dropped, len(older) - dropped)}\n")
        return DONE


def _farewell(dropped: int, given: int) -> str:
    """What becomes of the older keys: those of the file are gone, those of the settings are the operator's."""
    parts = [f"{dropped} older dropped from the file"] if dropped else []
    parts += [f"{given} in GLINT_OLD_SECRET_KEYS not needed any more"] if given else []
    return ", ".join(parts) or "no older key is needed"


async def status(container: Container, out: TextIO) -> int:
    """A line per key, those that are missing here too."""
    known, counts = container.secrets.key_ids(), await _use_case(container).status()
    for key in (*known, *sorted(counts.keys() - set(known))):
        rank = "primary" if key == known[0] else "older" if key in known else "unknown"
        out.write(f"{key}  {rank:<7}  {counts.get(key, 0)}\n")
    return DONE


def _use_case(container: Container) -> RotateSecrets:
    return RotateSecrets(container.units_of_work, wire_tenant_directory(container.engine), container.secrets)
