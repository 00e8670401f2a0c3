"""A worker that dies at a chosen step of a delivery: wraps the units of work and the ERP connections that the use cases are given."""

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

CRASHED = 42
"""The exit status of a process that died at its crash point."""

STEPS = ("before_attempt", "after_attempt", "during_call", "after_answer", "before_outcome", "after_outcome")
PURPOSES = ("validate", "send", "find")
EVERY_STEP = tuple(product(STEPS, PURPOSES))


@dataclass(slots=True)
class CrashPoint:
    """The process dies when `step` of a call for `purpose` comes for the `nth` time; a call that it dies in is under way for `delay` s.

    before_attempt, before_outcome: all is written, nothing is committed. after_attempt: committed, the call not yet made.
    """

    step: str
    purpose: str
    nth: int
    delay: float

    def reached(self, step: str, purpose: str) -> bool:
        if (step, purpose) != (self.step, self.purpose):
            return False
        self.nth -= 1
        return self.nth <= 0

    def pass_by(self, step: str, purposes: Iterable[str]) -> None:
        for purpose in purposes:
            if self.reached(step, purpose):
                os._exit(CRASHED)


class CrashingUnitsOfWork:
    """`UnitsOfWork` that tell the crash point of every attempt that is committed."""

    def __init__(self, inner: Any, point: CrashPoint) -> None:
        self._inner = inner
        self._point = point

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return _Opening(self._inner(*arguments, **named), self._point)


class _Opening:
    def __init__(self, inner: Any, point: CrashPoint) -> None:
        self._inner = inner
        self._point = point

    async def __aenter__(self) -> "_UnitOfWork":
        return _UnitOfWork(await self._inner.__aenter__(), self._point)

    async def __aexit__(self, *error: Any) -> Any:
        return await self._inner.__aexit__(*error)


class _UnitOfWork:
    def __init__(self, inner: Any, point: CrashPoint) -> None:
        self._inner = inner
        self._point = point
        self.attempts = _Attempts(inner.attempts)
        self.turns = _Turns(inner.turns, self.attempts)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def commit(self) -> None:
        self._point.pass_by("before_outcome", self.attempts.finished)
        self._point.pass_by("before_attempt", self.attempts.started)
        await self._inner.commit()
        self._point.pass_by("after_outcome", self.attempts.finished)
        self._point.pass_by("after_attempt", self.attempts.started)


class _Attempts:
    """Whatever is said about attempts goes through; those that are started and finished are noted."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.started: list[str] = []
        self.finished: list[str] = []

    def __getattr__(self, name: str) -> Any:
        method: Callable[..., Any] = getattr(self._inner, name)
        noted = self.started if name.startswith("start") else self.finished if name.startswith("finish") else None
        if noted is None:
            return method

        async def noting(*arguments: Any, **named: Any) -> Any:
            noted.extend(_purposes((*arguments, *named.values())))
            return await method(*arguments, **named)

        return noting


class _Turns:
    """Turns of many lanes write their attempts in one statement."""

    def __init__(self, inner: Any, attempts: _Attempts) -> None:
        self._inner = inner
        self._attempts = attempts

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def write(self, writes: Any) -> None:
        self._attempts.started.extend(_purposes(writes.started))
        self._attempts.finished.extend(_purposes(writes.ended))
        await self._inner.write(writes)


def _purposes(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if hasattr(value, "purpose"):
            yield str(value.purpose)
        elif isinstance(value, list | tuple):
            yield from _purposes(value)


class CrashingAdapters:
    """`ErpAdapters` whose connections pass the crash point at every call."""

    def __init__(self, inner: Any, point: CrashPoint) -> None:
        self._inner = inner
        self._point = point

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def connect(self, *arguments: Any, **named: Any) -> Any:
        return _Connection(self._inner.connect(*arguments, **named), self._point)


class _Connection:
    def __init__(self, inner: Any, point: CrashPoint) -> None:
        self._inner = inner
        self._point = point

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)
        if name not in PURPOSES:
            return method

        async def call(*arguments: Any, **named: Any) -> Any:
            under_way = asyncio.ensure_future(method(*arguments, **named))
            if self._point.reached("during_call", name):
                await asyncio.sleep(self._point.delay)
                os._exit(CRASHED)
            answered = await under_way
            self._point.pass_by("after_answer", [name])
            return answered

        return call
