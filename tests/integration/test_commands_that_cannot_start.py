"""Commands that cannot start as their surroundings are: one line for the operator, an exit status, and no traceback."""

import sys
from pathlib import Path

import pytest

from app.cli import main

Errors = pytest.CaptureFixture[str]

COULD_NOT_RUN = {
    "verify": "glint verify could not run",
    "reconcile erp": "glint reconcile could not run",
    "secrets status": "glint secrets status could not run",
    "secrets rotate": "glint secrets rotate could not run",
}
CANNOT_START = ("serve --port 0", "worker", "migrate", "users list", "users disable anna", "new-key --tenant Tests")
COMMANDS = {
    **dict.fromkeys(CANNOT_START, (1, "glint cannot start")),
    **{command: (2, words) for command, words in COULD_NOT_RUN.items()},
}
NOWHERE, DIRECT = "postgresql://glint:hidden-word@127.0.0.1:1/glint", "GLINT_DIRECT_DATABASE_URL"
SURROUNDINGS = {
    "a broken setting": ({"GLINT_SECRET_KEY": "hidden-word"}, "GLINT_SECRET_KEY must be base64"),
    "a number that is none": ({"GLINT_LEASE_SECONDS": "hidden-word"}, "GLINT_LEASE_SECONDS: "),
    "another database": ({"GLINT_DATABASE_URL": "mysql://glint:hidden-word@db/glint"}, "GLINT_DATABASE_URL must be a PostgreSQL URL"),
    "no database": ({"GLINT_DATABASE_URL": NOWHERE}, "no connection to the database: "),
    "no database past the pooler": (
        {"GLINT_DATABASE_URL": NOWHERE, DIRECT: NOWHERE},
        "no connection to the database: ",
    ),
}


def told(command: str, surroundings: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: Errors) -> tuple[int, str]:
    """The exit status and what the shell shows as the error."""
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["glint", *command.split()])
    with pytest.raises(SystemExit) as ended:
        main()
    complaint = capsys.readouterr().err
    code = ended.value.code
    return (code, complaint) if isinstance(code, int) else (1, complaint + str(code))


@pytest.mark.parametrize("case", SURROUNDINGS)
@pytest.mark.parametrize("command", COMMANDS)
def test_says_so_in_one_line(command: str, case: str, monkeypatch: pytest.MonkeyPatch, capsys: Errors, tmp_path: Path) -> None:
    surroundings, reason = SURROUNDINGS[case]
    status, words = COMMANDS[command]

    ended, complaint = told(command, {"GLINT_DATA_DIR": str(tmp_path / "data"), **surroundings}, monkeypatch, capsys)

    assert ended == status
    assert complaint.strip().startswith(f"{words}: {reason}"), complaint
    assert len(complaint.strip().splitlines()) == 1
    assert "hidden-word" not in complaint


def test_a_data_folder_that_is_a_file(monkeypatch: pytest.MonkeyPatch, capsys: Errors, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")

    ended, complaint = told("users list", {"GLINT_DATA_DIR": str(tmp_path / "data")}, monkeypatch, capsys)

    assert (ended, complaint.strip()) == (1, f"glint cannot start: The folder {tmp_path / 'data'} cannot be made: File exists")
