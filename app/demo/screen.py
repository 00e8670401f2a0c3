"""What the person at the terminal sees: plain text, a little colour where it is a terminal."""

import os
from collections.abc import Iterable
from typing import TextIO

TITLE = 20
GREEN, RED, BOLD, DIM = "32", "31", "1", "2"


class Screen:
    """Writes lines. A step that is under way shows only on a terminal, where its result takes its place."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._terminal = out.isatty() and os.environ.get("TERM") != "dumb"
        self._coloured = self._terminal and "NO_COLOR" not in os.environ
        self._tick, self._cross = ("✓", "✗") if _can_write(out, "✓✗") else ("ok", "!!")

    def heading(self, text: str) -> None:
        self.line()
        self.line(self._in(BOLD, text))

    def line(self, text: str = "") -> None:
        self._write(f"{text}\n")

    def lines(self, texts: Iterable[str]) -> None:
        """Indented."""
        for text in texts:
            self.line(f"  {text}".rstrip())

    def strong(self, text: str) -> None:
        self.line(f"  {self._in(BOLD, text)}")

    def begin(self, title: str) -> None:
        """What is under way."""
        if self._terminal:
            self._write(self._in(DIM, f"  ... {title}"))

    def done(self, title: str, text: str) -> None:
        self._result(GREEN, self._tick, title, text)

    def failed(self, title: str, text: str) -> None:
        self._result(RED, self._cross, title, text)

    def note(self, text: str) -> None:
        """Something that happened beside the steps."""
        self._clear()
        self.line(f"  - {text}")

    def verdict(self, text: str, *, good: bool) -> None:
        self._result(GREEN if good else RED, self._tick if good else self._cross, "", text)

    def _result(self, colour: str, mark: str, title: str, text: str) -> None:
        self._clear()
        self.line(f"  {self._in(colour, mark)} {f'{title:{TITLE}}' if title else ''}{text}")

    def _clear(self) -> None:
        if self._terminal:
            self._write("\r\x1b[K")

    def _in(self, style: str, text: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._coloured else text

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()


def _can_write(out: TextIO, text: str) -> bool:
    try:
        text.encode(out.encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return False
    return True
