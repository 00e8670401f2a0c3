"""Runs measurements and says what they found."""

from collections.abc import Callable

from bench.figures import Figure, as_text
from bench.server import Server, a_server

Measure = Callable[[Server], list[Figure]]


def run(*measures: Measure) -> None:
    """Each on a server of its own, so that none finds what another left behind."""
    for measure in measures:
        measured(measure)


def measured(measure: Measure) -> list[Figure]:
    """Its figures, told as soon as they are there."""
    with a_server() as server:
        found = measure(server)
    for figure in found:
        print(as_text(figure), flush=True)
    return found
