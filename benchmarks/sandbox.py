"""What the sandbox costs: start, entry, memory, calls, and the speed of convolutions inside and outside.

    python benchmarks/sandbox.py

CPU seconds are dependable on a busy machine, wall seconds are not.

What a call costs more than here is the way there and back: JSON made, sent, checked and read twice under a
filter of system calls, and two changes of process. It is the same some tenths of a millisecond whatever the
call does, so it is most of a call that does next to nothing and little of one that works for milliseconds.
What a whole submission costs more is mostly these calls, and that its process is new: the kernel copies and
frees the page tables of a process that has torch in it, 14 ms of CPU time, or 9 once the zygote has put its
memory into large pages, and the first call of everything is slower than later ones. A submission with
mistakes has a process more for each of them.
"""

from __future__ import annotations

import importlib
import inspect
import os
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from autograder.modules import Modules
from autograder.sandbox import ChildLimits, Zygote, summary

if __name__ == "__main__":  # not in the zygote, which imports this too and must know nothing of checks
    from autograder import probing
    from autograder.checking.catalog import catalog
    from autograder.checking.check import Check
    from autograder.checking.context import Context
    from autograder.checking.student import LocalStudent, Student
    from autograder.grading.sandboxed import Workers
    from autograder.lab import load_lab
    from autograder.sandbox.zygote import MANY
    from autograder.submission import Submission

SOURCES = {"work": "import torch\n\ndef double(x):\n    return 2 * x\n"}
LOOPS = """    k = torch.ones(3, 3)
    rows, columns = x.shape[0] - 2, x.shape[1] - 2
    y = torch.zeros(rows, columns)
    for i in range(rows):
        for j in range(columns):
            y[i, j] = (x[i : i + 3, j : j + 3] * k).sum()
    return y
"""
CALLS = {
    "next to no work": ("    return 2 * x\n", torch.zeros(28, 28)),
    "a convolution by loops, 6 x 6": (LOOPS, torch.ones(6, 6)),
    "a convolution by loops, 28 x 28": (LOOPS, torch.ones(28, 28)),
}
LIMITS = ChildLimits(cpu_seconds=100, wall_seconds=300, memory_bytes=512 * 2**20)


def echo(modules: Modules, *, x: Tensor) -> Tensor:
    """One small call into student code."""
    doubled: Tensor = modules.load("work").double(x)
    return doubled


def train(modules: Modules, *, steps: int, double: bool) -> dict[str, object]:
    """Train a small CNN; CPU and wall seconds."""
    torch.manual_seed(0)
    dtype = torch.float64 if double else torch.float32
    layers = [nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.Flatten()]
    model = nn.Sequential(*layers, nn.Linear(64 * 121, 10)).to(dtype)
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3, weight_decay=1e-5)
    images, labels = torch.rand(64 * steps, 1, 28, 28, dtype=dtype), torch.arange(64 * steps) % 10
    data = torch.utils.data.TensorDataset(images, labels)
    wall, cpu = time.perf_counter(), time.process_time()
    for x, y in torch.utils.data.DataLoader(data, batch_size=64):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    return {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "loss": loss.item()}


def proportional(pid: int | str) -> dict[str, int]:
    """Resident and proportional memory of a process, in MiB; the sandbox shows it to root alone."""
    if os.geteuid() != 0:
        return {}
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    fields = [line.split() for line in lines if line.startswith(("Rss:", "Pss:"))]
    return {name.rstrip(":"): int(size) // 1024 for name, size, _ in fields}


def children(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


def start() -> Zygote:
    before = time.perf_counter()
    here, lab = Path(__file__).parent, load_lab()
    zygote = Zygote(
        ["torch", probing.__name__, lab.probes.__name__, "sandbox"], [here, here.parent, lab.folder]
    )
    cpu = sum(map(int, stat(zygote)[11:13])) / os.sysconf("SC_CLK_TCK")
    memory = proportional(zygote._process.pid)
    print(f"zygote: {time.perf_counter() - before:.2f} s, {cpu:.2f} CPU s, {memory} MiB")
    print(summary(zygote.isolation, zygote.missing))
    return zygote


def entry(zygote: Zygote, times: int = 40) -> None:
    """What a child costs, of the first ones and of those that come when the zygote is in large pages."""
    first, _, later = _entered(zygote, times), _entered(zygote, MANY), _entered(zygote, times)
    (wall, cpu), (wall_later, cpu_later) = first, later
    print(f"from request to end of a child: median {wall:.1f} ms, {cpu:.1f} CPU ms")
    print(f"the same after {MANY} children: median {wall_later:.1f} ms, {cpu_later:.1f} CPU ms")


def _entered(zygote: Zygote, times: int) -> tuple[float, float]:
    x = torch.zeros(3, 3)
    walls, before = [], used(zygote)
    for _ in range(times):
        begun = time.perf_counter()
        with zygote.child(SOURCES, LIMITS) as child:
            child.call("sandbox:echo", {"x": x})
        walls.append(time.perf_counter() - begun)
    return 1000 * statistics.median(walls), 1000 * (used(zygote) - before) / times


def calls(zygote: Zygote, numbers: int = 200) -> None:
    """The median of many calls, in the sandbox and in this process by turns, for less and for more work."""
    for what, (body, x) in CALLS.items():
        sources = {"work": f"import torch\n\ndef double(x):\n{body}"}
        inside, outside = [], []
        with zygote.child(sources, LIMITS) as child:
            for _ in range(numbers):
                begin = time.perf_counter()
                child.call("sandbox:echo", {"x": x})
                middle = time.perf_counter()
                with Modules(sources) as modules:
                    echo(modules, x=x)
                inside.append(middle - begin)
                outside.append(time.perf_counter() - middle)
        there, here = 1e3 * statistics.median(inside), 1e3 * statistics.median(outside)
        print(f"a call, {what}: {there:.2f} ms in the sandbox, {here:.2f} ms here, {there - here:+.2f} ms")


def submission(zygote: Zygote, times: int = 5) -> None:
    """CPU time of all checks but training on a right submission, with its code in the sandbox and here."""
    lab = load_lab()
    sources = {p.stem: p.read_text("utf-8") for p in (lab.root / "solutions").glob("*.py")}
    context, local = Context(lab, "cpu", None, 0), LocalStudent(sources, lab.probes)
    judge_all(context, lambda check: local)
    here = used(zygote)
    for _ in range(times):
        judge_all(context, lambda check: local)
    there = used(zygote)
    for _ in range(times):
        with Workers(zygote, Submission("right", sources), context) as workers:
            judge_all(context, workers.student)
    inside, outside = (used(zygote) - there) / times, (there - here) / times
    ratio = f"{100 * (inside / outside - 1):+.0f} %"
    print(f"all checks but training: {inside:.2f} CPU s, {outside:.2f} without a sandbox, {ratio}")


def judge_all(context: Context, student_of: Callable[[Check], Student]) -> None:
    """Run every check but those of the training question; SystemExit when one does not pass."""
    for check in catalog(context.lab):
        if context.lab.question(check.question).training:
            continue
        function = getattr(importlib.import_module(check.module), check.function)
        offered = {"student": student_of(check), "reference": context.reference, "seed": 5}
        offered |= {"context": context, "rng": torch.Generator().manual_seed(5)}
        function(**{name: offered[name] for name in inspect.signature(function).parameters})


def used(zygote: Zygote) -> float:
    """CPU seconds so far of this process, of the zygote and of the children that it has buried."""
    return time.process_time() + sum(map(int, stat(zygote)[11:15])) / os.sysconf("SC_CLK_TCK")


def stat(zygote: Zygote) -> list[str]:
    """The fields of the zygote's /proc/PID/stat, from its state on."""
    return Path(f"/proc/{zygote._process.pid}/stat").read_text("ascii").rpartition(")")[2].split()


def speed(zygote: Zygote, steps: int = 40) -> None:
    for double in (False, True):
        here = train(Modules({}), steps=steps, double=double)
        with zygote.child({}, LIMITS) as child:
            there = child.call("sandbox:train", {"steps": steps, "double": double})
            pid = children(children(os.getpid())[-1])[-1]
            memory = proportional(pid)
        kind = "float64" if double else "float32"
        print(f"{steps} training steps, {kind}: sandbox {there}, here {here}; child {memory} MiB")


if __name__ == "__main__":
    torch.set_num_threads(1)
    with start() as made:
        entry(made)
        calls(made)
        submission(made)
        speed(made)
    print(f"this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB at most")
