"""The results of a run, as Markdown with pictures."""

import os
import platform
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape
from itertools import groupby
from pathlib import Path

from bench.figures import Figure, number, spread, verdict
from bench.server import Server

FOLDER = Path(__file__).parent
NAMED = FOLDER / "named-server"
"""What was measured on the PostgreSQL that GLINT_DATABASE_URL names."""
ROW, LEFT, WIDTH, RIGHT = 26, 330, 420, 150
COLOURS = {True: "#2a7f4f", False: "#b3261e", None: "#5b6b7b"}


def write(figures: Sequence[Figure], server: Server, command: str, file: str) -> None:
    """The file in `bench`, or in its folder for a named server, and a picture beside it for each subject that has goals."""
    folder = FOLDER if server.is_embedded else NAMED
    folder.mkdir(exist_ok=True)
    machine = f"{os.cpu_count()} processors ({platform.machine()}), Python {platform.python_version()}, PostgreSQL {server.version()}"
    where = "the embedded PostgreSQL" if server.is_embedded else "a PostgreSQL of its own"
    parts = [
        f"# What `{command}` measured",
        f"On {datetime.now(UTC).date()}, {machine}, {where}. Medians of rounds, with where nine tenths of them lie. Ours and what it is "
        "held against are measured one right after the other: the ratios mean something on other machines too, the times do not.",
    ]
    for subject, found in groupby(figures, key=lambda figure: figure.subject):
        each = list(found)
        parts.append(f"## {subject}")
        if any(figure.goal for figure in each):
            name = "-".join(re.findall("[a-z0-9]+", subject.lower()))
            (folder / f"{name}.svg").write_text(_picture(each))
            parts.append(f"![{subject}: the figures below, beside their goals]({name}.svg)")
        parts.append("\n".join(_table(each)))
    (folder / file).write_text("\n\n".join(parts) + "\n")


def _table(figures: Iterable[Figure]) -> Iterable[str]:
    yield "| | ours | against | ratio | goal |"
    yield "|---|---|---|---|---|"
    for figure in figures:
        other = f"{spread(figure.others)} {figure.unit}, {figure.against}" if figure.others else ""
        ratio = f"{spread(figure.ratios)} ×" if figure.others else ""
        yield f"| {figure.name} | {spread(figure.ours)} {figure.unit} | {other} | {ratio} | {verdict(figure)} |"


def _picture(figures: Sequence[Figure]) -> str:
    """Bars as long as the figure is of its goal; the line is the goal."""
    held = [figure for figure in figures if figure.goal]
    most = max(2.0, *(figure.held / (figure.goal or 1) for figure in held))
    scale = WIDTH / min(most, 6)
    height = ROW * len(held) + 34
    goal = LEFT + scale
    rows = [_bar(figure, place, scale) for place, figure in enumerate(held)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + RIGHT}" height="{height}" font-family="sans-serif" font-size="13">'
        f'<rect width="100%" height="100%" fill="#ffffff"/>{"".join(rows)}'
        f'<line x1="{goal:.0f}" x2="{goal:.0f}" y1="8" y2="{height - 22}" stroke="#222" stroke-dasharray="4 3"/>'
        f'<text x="{goal:.0f}" y="{height - 8}" text-anchor="middle" fill="#222">goal</text></svg>\n'
    )


def _bar(figure: Figure, place: int, scale: float) -> str:
    top, length = 8 + place * ROW, min(figure.held / (figure.goal or 1), 6) * scale
    sign = "≥" if figure.at_least else "≤"
    said = f"{number(figure.held)}{' ×' if figure.others else ' ' + figure.unit} ({sign} {figure.goal:,g})"
    return (
        f'<text x="{LEFT - 8}" y="{top + 15}" text-anchor="end" fill="#222">{escape(figure.name)}</text>'
        f'<rect x="{LEFT}" y="{top + 3}" width="{length:.0f}" height="{ROW - 8}" fill="{COLOURS[figure.met]}"/>'
        f'<text x="{LEFT + length + 6:.0f}" y="{top + 15}" fill="#222">{escape(said)}</text>'
    )
