"""The demo as a list of named steps. Each may be repeated: what was done already is recognised and not done twice."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.demo.client import Client


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a step did, for people, and the ids of the transactions that it posted."""

    text: str
    transactions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that a user does. `run` may raise `DemoError`, and `httpx.TransportError` where the service is gone."""

    title: str
    run: Callable[[Client], Done]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """Steps that belong together."""

    title: str
    steps: Sequence[Step]
