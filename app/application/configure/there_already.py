"""What is to be added, and is there."""

from app.domain.errors import Conflict, Fault


def there_already(kind: str, name: str) -> Conflict:
    """For whoever adds something: what is there under this name is not to be overwritten unseen."""
    return Conflict(f"there is a {kind} {name} already", Fault(pointer="/name", message=f"is the name of another {kind}"))
