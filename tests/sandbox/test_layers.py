"""Which layers are needed, that their effect is checked and not their word, and what the doctor tells."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from autograder.isolation import CHILD_LAYERS
from autograder.sandbox import (
    SandboxError,
    Zygote,
    client,
    diagnose,
    linux,
    readable,
    seccomp,
    summary,
    verify,
)
from autograder.sandbox.verify import missing_layers

FULL = ("landlock 7", "uid_drop", *CHILD_LAYERS)
LAZY = "from autograder.sandbox import zygote; zygote._warm_up = lambda: None; zygote.USUAL = ''\n"


@pytest.mark.parametrize("layer", CHILD_LAYERS)
def test_each_layer_of_a_child_is_mandatory(layer: str) -> None:
    assert missing_layers([name for name in FULL if name != layer], root=True) == [layer]


def test_root_must_drop_its_user_and_something_must_hide_the_files() -> None:
    assert missing_layers(FULL, root=True) == []
    assert missing_layers(CHILD_LAYERS, root=True) == ["uid_drop", "mnt_ns or landlock or chroot"]
    assert missing_layers(FULL[2:], root=False) == ["mnt_ns or landlock or chroot"]


def test_the_summary_tells_the_level_and_the_reason() -> None:
    assert summary(("seccomp", "landlock 7"), {}) == "FULL (on: seccomp, landlock 7)"
    assert summary(("seccomp",), {"pid_ns": "EPERM"}).startswith("REDUCED (no pid_ns: EPERM; on: seccomp")
    assert summary(("UNSAFE: without seccomp",), {}).startswith("NONE")


def boot(monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    """Have the zygote start with a change to its own code, and without what only costs time here."""
    lines = client._BOOT.splitlines(keepends=True)
    escaped = change.replace("{", "{{").replace("}", "}}")
    monkeypatch.setattr(client, "_BOOT", "".join([*lines[:2], LAZY, escaped + "\n", *lines[2:]]))


SABOTAGE = {
    "no filter": ("linux.install_filter = lambda program: None", "Seccomp is"),
    "a filter that lets sockets through": (
        "seccomp._FREE = {**seccomp._FREE, 'socket': (41, 198)}",
        "socket: it worked",
    ),
    "a filter that lets processes be made": (
        "make = seccomp._conditions; allow = (6, 0, 0, 0x7FFF0000)\n"
        "seccomp._conditions = lambda *a: make(*a) | {'clone': [allow]}",
        "start a process: it worked",
    ),
    "no limits": ("confine.limit = lambda bounds: None", "memory than allowed: it worked"),
    "a dumpable child": (
        "make = seccomp.program; seccomp.program = lambda *a: (linux.prctl(4, 1), make(*a))[1]",
        "dump or trace itself: it worked",
    ),
    "a descriptor too many": ("linux.close_from = lambda first: None", "descriptor of the grader: it worked"),
    "an inherited environment": ("import os; os.environ['CONVLAB_SABOTAGE'] = 'x'", "environment: it worked"),
}
IMPORTS = "from autograder.sandbox import confine, linux, seccomp\n"


@pytest.mark.ci
@pytest.mark.parametrize("name", SABOTAGE)
def test_a_layer_that_only_claims_to_hold_is_found_out(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    change, found = SABOTAGE[name]
    monkeypatch.setenv("CONVLAB_SABOTAGE", "x")
    boot(monkeypatch, IMPORTS + change)
    with pytest.raises(SandboxError, match=found):
        Zygote([])


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() != 0, reason="only root changes its user")
def test_a_child_that_stays_root_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    boot(monkeypatch, "from autograder.sandbox import confine; confine._become = lambda user: None")
    with pytest.raises(SandboxError, match="Uid is"):
        Zygote([])


@pytest.mark.slow
def test_without_any_wall_around_the_files_the_secret_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    change = """from autograder.sandbox import confine, linux
linux.landlock_files = lambda readable, devices: 7
confine._build_root = lambda *a: None
"""
    boot(monkeypatch, change)
    with pytest.raises(SandboxError, match="read a secret file: it worked"):
        Zygote([])


@pytest.mark.slow
def test_a_missing_layer_stops_the_grader_unless_it_is_told_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    boot(monkeypatch, "")
    with pytest.raises(SandboxError, match=r"missing: seccomp \(left out\).*--unsafe-no-sandbox"):
        Zygote([], without=["seccomp"])
    with Zygote([], without=["seccomp"], unsafe=True) as zygote:
        assert zygote.isolation[0] == "UNSAFE: without seccomp (left out)"
        assert zygote.missing["seccomp"] == "left out"
        assert zygote.tried()["open an internet socket"] == "it worked"


@pytest.mark.slow
def test_a_second_thread_in_the_zygote_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    change = "import threading, time; threading.Thread(target=time.sleep, args=(9,), daemon=True).start()"
    boot(monkeypatch, change)
    with pytest.raises(SandboxError, match="2 threads"):
        Zygote([])


def test_other_systems_and_other_threads_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    caught: list[BaseException] = []

    def start() -> None:
        try:
            Zygote([])
        except SandboxError as error:
            caught.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert "main thread" in str(caught[0])
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(SandboxError, match="Linux"):
        Zygote([])


@pytest.mark.slow
def test_the_doctor_tries_every_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    boot(monkeypatch, "")
    findings = diagnose()
    assert {"seccomp", "rlimits", "no_new_privs"} <= {finding.name for finding in findings if finding.on}
    promises = [finding for finding in findings if finding.name.startswith("student code")]
    assert len(promises) > 25
    assert [finding for finding in promises if not finding.on] == []


def test_the_doctor_does_not_fail_where_there_is_no_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linux, "MACHINE", "riscv64")
    (finding,) = diagnose()
    assert not finding.on
    assert "Linux (x86-64, aarch64)" in finding.why


def test_nothing_of_the_grader_is_readable() -> None:
    root = client.ROOT
    found = readable.readable(root, [])
    for secret in ("solutions", "assignment", "autograder", "tests", "pyproject.toml"):
        assert not [path for path in found if (root / secret).is_relative_to(path)]
    assert [path for path in found if (Path(os.__file__)).is_relative_to(path)]


def test_an_installed_grader_is_left_out_of_its_site_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site-packages"
    for name in (
        "autograder/checking",
        "solutions",
        "numpy/linalg",
        "convlab-1.dist-info",
        "numpy-2.dist-info",
    ):
        (site / name).mkdir(parents=True)
    (site / "convlab-1.dist-info/top_level.txt").write_text("autograder\nsolutions\n")
    (site / "convlab.pth").touch()
    (site / "six.py").touch()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sys, "path", [str(site)])
    found = [path for path in readable.readable(site, []) if path.is_relative_to(tmp_path)]
    assert sorted(path.name for path in found) == ["numpy", "numpy-2.dist-info", "six.py"]


def test_a_secret_folder_inside_a_library_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "lib"
    for name in ("course/secret", "course/open", "other"):
        (site / name).mkdir(parents=True)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sys, "path", [str(site)])
    found = readable.readable(Path("/nonexistent"), [site / "course/secret"])
    assert [path for path in found if path.is_relative_to(site)] == [site / "course/open", site / "other"]


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_refuses_what_it_does_not_list(machine: str) -> None:
    program = seccomp.program(machine, pid=7)
    assert len(program) % 8 == 0
    assert len(program) // 8 < 4096


def test_a_process_that_is_not_locked_down_is_a_stranger() -> None:
    wrong = verify.stranger(os.getpid(), os.getuid(), 12345, [*FULL, "pid_ns"])
    assert any(reason.startswith("Seccomp is '0'") for reason in wrong)
    assert any("runs as user" in reason for reason in wrong)
    assert verify.stranger(2**22 + 1, 0, None, FULL)[0].startswith("cannot inspect its process")
