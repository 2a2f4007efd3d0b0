"""Honest code in a child, each way of failing, and what is left when the grader goes away."""

from __future__ import annotations

import mmap
import platform
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given
from plain_values import VALUES, same
from sandbox_harness import HERE, LIMITS, started
from sandbox_probes import mathematics, train
from tries import slow_but, tries

from autograder.modules import Modules
from autograder.sandbox import ChildFailure, ChildLimits, SandboxError, Zygote
from autograder.sandbox.linux import LARGE_PAGE, own_memory
from autograder.sandbox.zygote import MANY

SOURCES = {"work": "def double(x):\n    return 2 * x\n\ndef go():\n    return 7\n"}
SHORT = ChildLimits(cpu_seconds=0.5, wall_seconds=60, memory_bytes=128 * 2**20, output_bytes=1000)
IMPATIENT = replace(SHORT, cpu_seconds=20, wall_seconds=1.0)


def failure(zygote: Zygote, body: str, limits: ChildLimits = SHORT, **arguments: Any) -> ChildFailure:
    source = "import torch\ndef go(**places):\n" + "".join(f"    {line}\n" for line in body.splitlines())
    with zygote.child({"work": source}, limits) as child, pytest.raises(ChildFailure) as first:
        child.call("sandbox_probes:go", arguments)
    return first.value


# ---- honest code -----------------------------------------------------------------------------------


def test_every_plain_value_survives_the_way_there_and_back(zygote: Zygote) -> None:
    with zygote.child({}, LIMITS) as child:

        @tries(50, suppress_health_check=[HealthCheck.too_slow])
        @given(VALUES)
        def check(value: Any) -> None:
            assert same(value, child.call("sandbox_probes:echo", {"value": value}))

        check()


@pytest.mark.slow
def test_many_children_compute_what_the_first_did() -> None:
    """After a number of forks the zygote puts its memory into large pages, which children share with it."""
    with started("all") as zygote:
        found = []
        for _ in range(MANY + 10):
            with zygote.child(SOURCES, LIMITS) as child:
                found.append(child.call("sandbox_probes:mathematics", {}))
        assert all(same(one, found[0]) for one in found)
        if (rollup := _memory_of(zygote)) and _has_large_pages():
            assert "AnonHugePages:         0 kB" not in rollup


@pytest.mark.parametrize("sign", ["\x0c", "\x85", "\u2028", " ", "\n"])
def test_a_file_of_any_name_may_be_in_memory(sign: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{sign}b"
    path.write_bytes(bytes(4096))
    before = own_memory()
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 4096, flags=mmap.MAP_PRIVATE):
        assert {part.start for part in before} & {part.start for part in own_memory()}


def _memory_of(zygote: Zygote) -> str:
    """What the kernel says of its memory; "" for whoever may not see that."""
    try:
        return Path(f"/proc/{zygote._process.pid}/smaps_rollup").read_text("ascii")
    except PermissionError:
        return ""


def _has_large_pages() -> bool:
    """Whether this kernel puts large pages together where it is asked to, and they are of the usual size."""
    try:
        size = int(Path("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size").read_text("ascii"))
    except OSError:
        return False
    return size == LARGE_PAGE and _kernel() >= (6, 1)


def _kernel() -> tuple[int, int]:
    first, second = re.findall(r"\d+", platform.release())[:2]
    return int(first), int(second)


@pytest.mark.parametrize("double", [False, True], ids=["float32", "float64"])
def test_training_in_a_child_equals_training_here(zygote: Zygote, double: bool) -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with zygote.child({}, LIMITS) as child:
            assert child.call("sandbox_probes:train", {"double": double}) == train(Modules({}), double=double)
    finally:
        torch.set_num_threads(threads)


def test_the_usual_mathematics_works_in_a_child(zygote: Zygote) -> None:
    with zygote.child({}, LIMITS) as child:
        there, here = child.call("sandbox_probes:mathematics", {}), mathematics(Modules({}))
    assert isinstance(there, dict)
    assert there.keys() == here.keys()
    for name, value in here.items():
        torch.testing.assert_close(there[name], value)


@pytest.mark.ci
@pytest.mark.parametrize("layers", ["all", "container", "chroot"])
def test_what_torch_imports_late_works_in_a_child(layers: str) -> None:
    with started(layers) as zygote, zygote.child({}, LIMITS) as child:
        found = child.call("sandbox_probes:late", {})
        trained = child.call("sandbox_probes:train", {"double": True})
    assert isinstance(found, dict)
    assert found["settings"] == [True, True]
    for name, value in {"grad": [0.0, 2.0, 4.0], "jacobian": [0.0, 2.0, 4.0], "checkpoint": 5.0}.items():
        derivative = found[name]
        assert isinstance(derivative, torch.Tensor)
        assert derivative.tolist() == value
    assert trained == pytest.approx(train(Modules({}), double=True))


COUNTER = """
import torch
def go():
    torch.seen = getattr(torch, "seen", 0) + 1
    return torch.seen
"""


THREADS = """
import threading, time
def work(seen):
    seen.append([bytearray(1000) for _ in range(1000)])
    time.sleep(0.5)
def go():
    seen = []
    threads = [threading.Thread(target=work, args=(seen,)) for _ in range(8)]
    for thread in threads: thread.start(); time.sleep(0.02)
    for thread in threads: thread.join()
    return len(seen)
"""


@pytest.mark.slow
def test_a_few_threads_fit_in_little_memory(zygote: Zygote) -> None:
    with zygote.child({"work": THREADS}, replace(LIMITS, memory_bytes=128 * 2**20)) as child:
        assert [child.call("sandbox_probes:go", {}) for _ in range(3)] == [8, 8, 8]


def test_calls_share_a_process_and_children_do_not(zygote: Zygote) -> None:
    sources = {"work": COUNTER}
    with zygote.child(sources, LIMITS) as one, zygote.child(sources, LIMITS) as other:
        assert [one.call("sandbox_probes:go", {}) for _ in range(2)] == [1, 2]
        assert other.call("sandbox_probes:go", {}) == 1


def test_a_module_runs_only_when_it_is_asked_for(zygote: Zygote) -> None:
    with zygote.child({**SOURCES, "broken": "import os; os._exit(1)"}, LIMITS) as child:
        assert child.call("sandbox_probes:go", {}) == 7


CHATTY = """
import os
def go():
    print("\\x1b[31mred\\u202e")
    os.write(2, b"x" * 3_000_000)
    return 1
"""


def test_output_is_kept_up_to_a_limit_and_cleaned(zygote: Zygote) -> None:
    with zygote.child({"work": CHATTY}, SHORT) as child:
        assert child.call("sandbox_probes:go", {}) == 1
        assert child.output.startswith("[31mred\nxxx")
        assert len(child.output) < 1100
        assert "more bytes were left out" in child.output


def test_a_large_argument_and_a_large_answer_fit(zygote: Zygote) -> None:
    x = torch.rand(2_000_000, dtype=torch.float64)
    with zygote.child(SOURCES, LIMITS) as child:
        assert torch.equal(child.call("sandbox_probes:double", {"x": x}), 2 * x)  # type: ignore[arg-type]


def test_nothing_but_functions_of_preloaded_modules_can_be_called(zygote: Zygote) -> None:
    with zygote.child(SOURCES, LIMITS) as child:
        for target in ("os:getpid", "work:double", "sandbox_probes:nothing", "sandbox_probes:torch"):
            with pytest.raises(ChildFailure) as caught:
                child.call(target, {})
            assert caught.value.verdict == "error"


# ---- each kind of failure --------------------------------------------------------------------------


SLEEP = "import time; time.sleep(600)"
FAILURES = {
    "raise ValueError('no')": ("error", "ValueError", "no"),
    "raise NotImplementedError": ("not implemented", "NotImplementedError", ""),
    "return missing": ("error", "NameError", "missing"),
    "raise SystemExit(3)": ("error", "SystemExit", "3"),
    "raise KeyboardInterrupt": ("error", "KeyboardInterrupt", ""),
    "go(**places)": ("error", "RecursionError", "recursion"),
    "return object()": ("error", "TypeError", "object is not a plain value"),
    "return torch.empty(2, device='meta')": ("error", "TypeError", "meta"),
    "return torch.eye(2).to_sparse()": ("error", "TypeError", "sparse"),
    "while True: pass": ("timeout", "Timeout", "0.5 s of CPU time"),
    SLEEP: ("timeout", "Timeout", "No answer within 1 s"),
    "return 3 ** 10 ** 9": ("timeout", "Timeout", "CPU"),
    "import re; re.match('(a*)*b', 'a' * 40)": ("timeout", "Timeout", "CPU"),
    "x = bytearray(10 ** 10)": ("memory", "MemoryError", "Used more than 128 MiB of memory"),
    "x = torch.zeros(10 ** 10)": ("memory", "RuntimeError", "allocate"),
    "x = [0] * 10 ** 10": ("memory", "MemoryError", ""),
    "import os; os._exit(3)": ("crashed", "Crash", "status 3"),
    "import os; os._exit(0)": ("crashed", "Crash", "status 0"),
    "import ctypes; ctypes.string_at(0)": ("crashed", "Crash", "SIGSEGV"),
    "import os, time; os.close(3); time.sleep(9)": ("crashed", "Crash", "closed its channel"),
    "import os; os.write(3, bytes(12))": ("crashed", "Protocol", "invalid reply"),
}


@pytest.mark.parametrize("body", slow_but(3, FAILURES))
def test_each_failure_has_its_verdict(zygote: Zygote, body: str) -> None:
    verdict, kind, message = FAILURES[body]
    got = failure(zygote, body, IMPATIENT if body == SLEEP else SHORT)
    assert (got.verdict, got.kind) == (verdict, kind)
    assert message in got.message


PLACES = {
    "while True: pass": "work.py, line 3, in go: while True: pass",
    "f = lambda: f()\nx = [0]\nfor x[0] in iter(int, 1): sorted(range(9))": (
        "work.py, line 5, in go: for x[0] in iter(int, 1): sorted(range(9))"
    ),
    "return 3 ** 10 ** 9": "work.py, line 3, in go: return 3 ** 10 ** 9",
    "import re; re.match('(a*)*b', 'a' * 40)": (
        "work.py, line 3, in go: import re; re.match('(a*)*b', 'a' * 40)"
    ),
    SLEEP: "work.py, line 3, in go: import time; time.sleep(600)",
    "try:\n    while True: pass\nexcept BaseException: pass": "work.py, line 4, in go: while True: pass",
    "import os\nwhile True: os.write(1, b'x' * 999)": (
        "work.py, line 4, in go: while True: os.write(1, b'x' * 999)"
    ),
    # What a child says of it is no more than a claim, which it can withhold.
    "import signal\nsignal.signal(signal.SIGUSR1, signal.SIG_IGN)\nwhile True: pass": "",
    "import signal\nsignal.signal(signal.SIGUSR1, signal.SIG_DFL)\nwhile True: pass": "",
}


@pytest.mark.slow
@pytest.mark.parametrize("body", PLACES)
def test_a_time_out_names_the_students_own_line(zygote: Zygote, body: str) -> None:
    got = failure(zygote, body, IMPATIENT if "sleep" in body else SHORT)
    assert (got.verdict, got.trace) == ("timeout", PLACES[body])


FORGED = {
    "text": ('  File "work.py", line 2 in f_1_25\n', "work.py, line 2, in ?: def go(**places):"),
    "no such line": ('  File "work.py", line 99 in go\n', ""),
    "no such module": ('  File "other.py", line 1 in go\n', ""),
    "not a number": ('  File "work.py", line 1.25 in go\n', ""),
    "no end": ('  File "work.py", line 2 in ', ""),
    "noise": ("1.25 2.5\n" * 50_000, ""),
}


@pytest.mark.ci
@pytest.mark.parametrize("name", FORGED)
def test_nothing_but_a_place_is_taken_from_what_a_child_says_of_it(zygote: Zygote, name: str) -> None:
    said, shown = FORGED[name]
    body = f"""import os, signal
def say(*_):
    while True: os.write(3, {said[::-1]!r}[::-1].encode())
signal.signal(signal.SIGUSR1, say)
while True: pass"""
    got = failure(zygote, body)
    assert (got.verdict, got.trace) == ("timeout", shown)
    assert "1.25" not in str(got)


def test_a_failure_shows_the_students_own_line(zygote: Zygote) -> None:
    assert (
        failure(zygote, "x = 1\nraise ValueError(x)").trace == "work.py, line 4, in go: raise ValueError(x)"
    )


FALSE_TRACES = {
    "false text": ("work.py, line 2, in go: 1.25 2.5", "work.py, line 2, in go: def go(**places):"),
    "false function": ("work.py, line 2, in f_1_25: x", "work.py, line 2, in ?: def go(**places):"),
    "false brackets": ("work.py, line 2, in <1.25>: x", "work.py, line 2, in ?: def go(**places):"),
    "no function": ("work.py, line 1: x", "work.py, line 1: import torch"),
    "no such line": ("work.py, line 99, in go: x", ""),
    "no such module": ("other.py, line 1, in go: x", ""),
    "no trace": ("1.25 2.5\nwork.py", ""),
}


@pytest.mark.parametrize("name", FALSE_TRACES)
def test_only_the_place_is_taken_from_a_trace(zygote: Zygote, name: str) -> None:
    told, shown = FALSE_TRACES[name]
    body = f"""import sys
modules = sys.modules['autograder.modules']
modules.describe = lambda *a: modules.Failure('error', 'E', 'm', {told[::-1]!r}[::-1])
raise ValueError"""
    assert failure(zygote, body).trace == shown


@pytest.mark.parametrize("verdict", ["timeout", "crashed", "passed", "wrong"])
def test_a_child_cannot_give_itself_what_is_the_graders_to_find(zygote: Zygote, verdict: str) -> None:
    body = f"""import sys
modules = sys.modules['autograder.modules']
modules.describe = lambda *a: modules.Failure({verdict!r}, 'E', 'words of its own', '')
raise ValueError"""
    got = failure(zygote, body)
    assert (got.verdict, got.kind) == ("crashed", "Protocol")
    assert "words" not in got.message


def test_a_syntax_error_names_its_line(zygote: Zygote) -> None:
    got = failure(zygote, "x = = 1")
    assert (got.verdict, got.kind) == ("error", "SyntaxError")
    assert "work.py, line 3" in got.trace


def test_after_an_exception_the_child_goes_on(zygote: Zygote) -> None:
    source = "def go(bad):\n    if bad:\n        raise ValueError\n    return 1\n"
    with zygote.child({"work": source}, LIMITS) as child:
        with pytest.raises(ChildFailure):
            child.call("sandbox_probes:go", {"bad": True})
        assert child.call("sandbox_probes:go", {"bad": False}) == 1


def test_after_a_crash_every_call_gives_the_same_verdict_at_once(zygote: Zygote) -> None:
    with zygote.child({"work": "import os\ndef go():\n    os._exit(1)\n"}, LIMITS) as child:
        for _ in range(3):
            with pytest.raises(ChildFailure) as caught:
                child.call("sandbox_probes:go", {})
            assert caught.value.verdict == "crashed"


SLOW = """
import time
def go(how):
    clock = time.process_time if how == "CPU" else time.monotonic
    end = clock() + (0.4 if how == "CPU" else 1.2)
    while clock() < end:
        time.sleep(0 if how == "CPU" else 0.1)
    return 1
"""


@pytest.mark.slow
@pytest.mark.parametrize(("how", "message"), [("CPU", "more than 1 s"), ("wall", "No answer within 4 s")])
def test_cpu_and_wall_time_are_counted_over_all_calls(zygote: Zygote, how: str, message: str) -> None:
    limits = replace(SHORT, cpu_seconds=1) if how == "CPU" else replace(SHORT, cpu_seconds=20, wall_seconds=4)
    with zygote.child({"work": SLOW}, limits) as child:
        call = partial(child.call, "sandbox_probes:go", {"how": how})
        assert call() == 1
        with pytest.raises(ChildFailure, match=message) as caught:
            list(iter(call, None))
        assert caught.value.verdict == "timeout"


def test_the_cpu_time_used_is_told(zygote: Zygote) -> None:
    with zygote.child({"work": "def go():\n    return sum(range(5_000_000))\n"}, LIMITS) as child:
        before = child.cpu_seconds
        child.call("sandbox_probes:go", {})
        assert 0.02 < child.cpu_seconds - before < 5


# ---- what is left when one side goes away ----------------------------------------------------------


GRADER = """
import sys
from sandbox_harness import *
with started("all") as zygote, zygote.child({"work": "def go():\\n    while True: pass\\n"}, LIMITS) as child:
    print(child._pid, zygote._process.pid, flush=True)
    child.call("sandbox_probes:go", {})
"""


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


@pytest.mark.slow
def test_killing_the_grader_ends_all_its_processes() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", GRADER], cwd=HERE, stdout=subprocess.PIPE, text=True
    ) as grader:
        assert grader.stdout is not None
        pids = [int(pid) for pid in grader.stdout.readline().split()]
        assert [alive(pid) for pid in pids] == [True, True]
        grader.send_signal(signal.SIGKILL)
        end = time.monotonic() + 30
        while any(map(alive, pids)) and time.monotonic() < end:
            time.sleep(0.02)
        assert [alive(pid) for pid in pids] == [False, False]


@pytest.mark.slow
def test_the_death_of_the_zygote_is_the_graders_failure() -> None:
    with Zygote(["sandbox_probes"], [HERE]) as zygote, zygote.child(SOURCES, LIMITS) as child:
        zygote._process.kill()
        zygote._process.wait()
        with pytest.raises(SandboxError, match="SIGKILL"):
            child.call("sandbox_probes:go", {})
        with pytest.raises(SandboxError, match="SIGKILL"):
            zygote.child(SOURCES, LIMITS)


@pytest.mark.slow
def test_a_module_that_is_not_there_is_the_graders_failure() -> None:
    with pytest.raises(SandboxError, match="no_such_module"):
        Zygote(["no_such_module"])


def test_children_and_descriptors_do_not_pile_up(zygote: Zygote) -> None:
    opened = Path("/proc/self/fd")
    before = len(list(opened.iterdir()))
    for _ in range(20):
        with zygote.child(SOURCES, LIMITS) as child:
            child.call("sandbox_probes:go", {})
    assert len(list(opened.iterdir())) == before
    assert Path(f"/proc/{zygote._process.pid}/task/{zygote._process.pid}/children").read_text() == ""
