"""What goes wrong ends every command the same way: a sentence, an exit status, no traceback."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import click
import pytest
from click.testing import CliRunner, Result

from autograder import cli
from autograder.audit.cases import CaseError
from autograder.errors import ConvlabError, GraderError, LabError, UsageError
from autograder.grade import Fault
from autograder.guard import GuardedGroup
from autograder.sandbox import SandboxError
from autograder.submission import RosterError, SubmissionError

COMMANDS = [
    "grade X",
    "regrade X",
    "report X",
    "written collect X",
    "written apply X Y",
    "audit",
    "cut",
    "release",
    "doctor",
]
SUBMISSION = "the grader itself failed, not the submission"
LAB = "convlab itself failed, which is no fault of the lab"


def ended(error: BaseException, monkeypatch: pytest.MonkeyPatch, command: str) -> Result:
    """A command in which the first thing that it does goes wrong: reading the lab, or finding it."""

    def fail(*_: object, **__: object) -> NoReturn:
        raise error

    monkeypatch.setenv("CONVLAB_TRACEBACK", "")
    for place in ("cli", "report.commands", "release.commands", "audit.commands", "batch.commands"):
        monkeypatch.setattr(f"autograder.{place}.load_lab", fail)
    monkeypatch.setattr("autograder.release.commands.find_root", fail)
    monkeypatch.setattr("autograder.sandbox.doctor.diagnose", lambda _device: [])
    return CliRunner().invoke(cli.main, command.split())


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (UsageError("not like this"), 2, "Error: not like this"),
        (LabError("assignment.toml: points: no number"), 2, "Error: assignment.toml: points: no number"),
        (GraderError("no sandbox"), 3, "Error: {grader}: no sandbox"),
        (PermissionError(13, "Permission denied", "/some/file"), 2, "Error: /some/file: Permission denied"),
        (ZeroDivisionError("by zero"), 3, "Error: {grader}: ZeroDivisionError"),
        (OSError("fork failed"), 3, "Error: {grader}: OSError: fork failed"),
        (KeyboardInterrupt(), 130, "Error: interrupted"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_every_command_ends_the_same_way(
    monkeypatch: pytest.MonkeyPatch, command: str, error: BaseException, status: int, said: str
) -> None:
    result = ended(error, monkeypatch, command)
    no_submission = command.split()[0] in {"audit", "cut", "doctor", "new", "release"}
    said = said.replace("{grader}", LAB if no_submission else SUBMISSION)
    assert (result.exit_code, said in result.output) == (status, True), result.output
    assert "Traceback" not in result.output
    assert ("itself failed" in result.output) is (status == 3)


def test_the_traceback_of_the_unforeseen_can_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "set CONVLAB_TRACEBACK=1" in ended(ZeroDivisionError("x"), monkeypatch, "cut").output
    monkeypatch.setenv("CONVLAB_TRACEBACK", "1")
    result = CliRunner().invoke(cli.main, ["cut"])
    assert isinstance(result.exception, ZeroDivisionError)


def test_every_command_is_guarded() -> None:
    names = {command.split()[0] for command in COMMANDS}
    assert isinstance(cli.main, GuardedGroup)
    assert names <= set(cli.main.commands)


def test_usage_of_click_itself_stays_as_it_is() -> None:
    @click.group(cls=GuardedGroup)
    def main() -> None: ...

    @main.command()
    def stop() -> None:
        raise click.exceptions.Exit(1)

    assert CliRunner().invoke(main, ["stop"]).exit_code == 1
    assert CliRunner().invoke(main, ["nothing"]).exit_code == 2
    assert CliRunner().invoke(main, ["stop", "--help"]).exit_code == 0


@pytest.mark.parametrize("kind", [RosterError, SubmissionError, CaseError, LabError, UsageError])
def test_what_people_get_wrong_is_not_the_graders_fault(kind: type[ConvlabError]) -> None:
    assert kind("x").status == 2


def test_a_sandbox_that_fails_is_the_graders_fault() -> None:
    assert SandboxError("x").status == 3


def test_a_fault_carries_its_status() -> None:
    assert (Fault("x"), Fault("x").status, Fault("x", 2).status) == ("x", 3, 2)


def test_a_broken_template_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"x = 1\n\xff\n")
    result = CliRunner().invoke(cli.main, ["cut", str(tmp_path / "a.py"), "--out", str(tmp_path / "o")])
    assert result.exit_code == 2
    assert f"{tmp_path / 'a.py'}:2: byte 0xff is not UTF-8; save the file as UTF-8" in result.output
