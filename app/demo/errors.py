"""What can stop the demo."""


class DemoError(Exception):
    """The demo cannot go on. The message is for the person who runs it."""


class Refused(DemoError):
    """An answer that is no success."""

    def __init__(self, method: str, url: str, status: int, answer: str) -> None:
        super().__init__(f"{method} {url} was answered with {status}:\n{answer}")
        self.status = status
