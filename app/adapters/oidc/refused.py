"""What the parts of this adapter raise among themselves; `provider.py` turns it into the port's value."""

from app.application.ports.identity import Refusal


class Refused(Exception):
    """`detail` holds nothing of a code, a token or a secret."""

    def __init__(self, reason: Refusal, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def unavailable(detail: str) -> Refused:
    return Refused(Refusal.UNAVAILABLE, detail)


def untrusted(detail: str) -> Refused:
    return Refused(Refusal.UNTRUSTED, detail)
