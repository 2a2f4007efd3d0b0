"""What the sandbox costs: start, entry, memory, calls, and the speed of convolutions inside and outside.

    python benchmarks/sandbox.py

CPU seconds are dependable on a busy machine, wall seconds are not.
"""

from __future__ import annotations

import os
import resource
import statistics
import time
from pathlib import Path

import torch
from torch import Tensor, nn

from autograder.modules import Modules
from autograder.sandbox import Limits, Zygote, summary

SOURCES = {"work": "import torch\n\ndef double(x):\n    return 2 * x\n"}
LIMITS = Limits(cpu_seconds=100, wall_seconds=300, memory_bytes=512 * 2**20)


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
    zygote = Zygote([__name__ if __name__ != "__main__" else "sandbox"], [Path(__file__).parent])
    pid = children(os.getpid())[-1]
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    print(f"zygote: {time.perf_counter() - before:.2f} s, {cpu:.2f} CPU s, {proportional(pid)} MiB")
    print(summary(zygote.isolation, zygote.missing))
    return zygote


def entry(zygote: Zygote) -> None:
    x = torch.zeros(3, 3)
    times, cpus = [], []
    for _ in range(30):
        before, used = time.perf_counter(), time.process_time()
        with zygote.child(SOURCES, LIMITS) as child:
            child.call("sandbox:echo", {"x": x})
            times.append(1000 * (time.perf_counter() - before))
            inside = child.cpu_seconds
        cpus.append(1000 * (time.process_time() - used + inside))
    wall, cpu = statistics.median(times), statistics.median(cpus)
    print(f"from request to first reply: median {wall:.1f} ms, {cpu:.1f} CPU ms")


def calls(zygote: Zygote, numbers: int = 200) -> None:
    x = torch.zeros(28, 28)
    with zygote.child(SOURCES, LIMITS) as child:
        child.call("sandbox:echo", {"x": x})
        before = time.perf_counter()
        for _ in range(numbers):
            child.call("sandbox:echo", {"x": x})
        inside = (time.perf_counter() - before) / numbers
    before = time.perf_counter()
    for _ in range(numbers):
        with Modules(SOURCES) as modules:
            echo(modules, x=x)
    outside = (time.perf_counter() - before) / numbers
    print(f"a small call: {1e3 * inside:.2f} ms in the sandbox, {1e3 * outside:.2f} ms in this process")


def speed(zygote: Zygote, steps: int = 40) -> None:
    torch.set_num_threads(1)
    for double in (False, True):
        here = train(Modules({}), steps=steps, double=double)
        with zygote.child({}, LIMITS) as child:
            there = child.call("sandbox:train", {"steps": steps, "double": double})
            pid = children(children(os.getpid())[-1])[-1]
            memory = proportional(pid)
        kind = "float64" if double else "float32"
        print(f"{steps} training steps, {kind}: sandbox {there}, here {here}; child {memory} MiB")


if __name__ == "__main__":
    with start() as made:
        entry(made)
        calls(made)
        speed(made)
    print(f"this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB at most")
