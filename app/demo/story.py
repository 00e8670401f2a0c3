"""What is played, in order."""

from collections.abc import Sequence

from app.demo import club, debtors, purchases, set_up
from app.demo.steps import Chapter, Step


def chapters() -> Sequence[Chapter]:
    """The whole demo."""
    return (set_up.chapter(), *purchases.chapters(), club.chapter(), debtors.chapter())


def steps() -> Sequence[Step]:
    """The same without the chapters."""
    return tuple(step for chapter in chapters() for step in chapter.steps)
