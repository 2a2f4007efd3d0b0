"""The parts of benchmarks/gpu.py, each run as a process: `python benchmarks/gpu_parts.py PART --device cuda`.

A part prints a line of JSON for each row: what was tried, the result, and whether that is as it should be
(null where nothing was expected). What it prints otherwise is nobody's row.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import importlib
import json
import multiprocessing
import os
import platform
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [
    str(ROOT),
    str(ROOT / "assignment"),
    str(HERE),
    str(ROOT / "tests"),
    str(ROOT / "tests" / "sandbox"),
]

import syscalls  # noqa: E402
from attack_harness import Attack, attacks, contained, planted  # noqa: E402
from lab06 import data as lab_data  # noqa: E402
from sandbox_harness import HERE as SANDBOX_TESTS  # noqa: E402
from sandbox_harness import PRELOAD  # noqa: E402

from autograder.checking.context import Context  # noqa: E402
from autograder.grade import Grade  # noqa: E402
from autograder.grading import Grader, Options  # noqa: E402
from autograder.lab import Lab, load_lab  # noqa: E402
from autograder.sandbox import Child, ChildFailure, ChildLimits, SandboxError, Zygote, diagnose  # noqa: E402
from autograder.submission import Submission  # noqa: E402

WRONG = {
    "never stepped": ("training", "optimizer.step()", "pass"),
    "labels shifted by one": ("training", "loss_fn(logits, y)", "loss_fn(logits, (y + 1) % 10)"),
    "batches stay on the CPU": ("training", ".to(device)", ""),
    "stops after 10 batches": ("training", "    for x, y in loader:", "    for x, y in list(loader)[:10]:"),
}
"""What q1_7 must notice: module, text of the reference, text in its place."""
FILES = ("mnt_ns", "landlock", "chroot")
PREFIX = "import torch\ntorch.ones(1, device='cuda').add_(1)\n"
HOG = """import time
import torch

def go(device, seconds, catch):
    kept, size = [], 64 << 20
    try:
        while True:
            kept.append(torch.ones(size // 4, device=device))
    except RuntimeError:
        if not catch:
            raise
    time.sleep(seconds)
    return len(kept)
"""


class Run(argparse.Namespace):
    """The command line: part, device, seconds that it may take, scratch folder, data, smoke."""

    part: str
    device: str
    seconds: float
    scratch: Path
    data: Path | None
    smoke: bool

    @property
    def on_gpu(self) -> bool:
        """Whether a GPU is used."""
        return self.device != "cpu"

    @property
    def deadline(self) -> float:
        """When to begin nothing more, on the monotonic clock."""
        return STARTED + self.seconds

    @property
    def jobs(self) -> int:
        """Processes at a time."""
        return os.cpu_count() or 1

    def left(self) -> float:
        """Seconds until then."""
        return self.deadline - time.monotonic()


STARTED = time.monotonic()


def row(what: str, result: object, ok: bool | None = None) -> None:
    """Print one row."""
    print(json.dumps({"what": what, "result": str(result), "ok": ok}), flush=True)


# ---- what there is -----------------------------------------------------------------------------------


def machine(run: Run) -> None:
    """The machine, in words."""
    row("Python, torch", f"{platform.python_version()}, {torch.__version__} (CUDA {torch.version.cuda})")
    row("system", f"Linux {platform.release()}, {run.jobs} cores, user {os.getuid()}")
    if not run.on_gpu:
        row("card", "none is used: --device cpu")
        return
    if not torch.cuda.is_available():
        row("card", "torch finds no CUDA device", False)
        return
    facts = torch.cuda.get_device_properties(0)
    row("card", f"{facts.name}, {facts.total_memory >> 20} MiB, compute {facts.major}.{facts.minor}", True)
    tool = shutil.which("nvidia-smi")
    if tool:
        asked = [tool, "--query-gpu=driver_version,compute_mode,mig.mode.current", "--format=csv,noheader"]
        row("driver, compute mode, MIG", subprocess.run(asked, capture_output=True, text=True).stdout)
    nodes = [path for path in Path("/dev").glob("nvidia*") if path.is_char_device()]
    row("device files", " ".join(f"{path} {path.stat().st_mode & 0o777:o}" for path in sorted(nodes)))


def doctor(run: Run) -> None:
    """The layers and promises under the profile; on a GPU, which layer it is that CUDA cannot do with."""
    findings = diagnose(run.device)
    for finding in findings:
        if not finding.on:
            row(finding.name, finding.why, finding.name in ("user_ns", *ALL_LAYERS_MAY_LACK))
    held = [finding.name for finding in findings if finding.on]
    row(f"doctor on {run.device}", f"{len(held)} of {len(findings)} layers and promises hold")
    without: dict[str, Sequence[str]] = {
        "all layers": (),
        "all layers but the filter": ("seccomp",),
        "all layers but those over files": FILES,
        "all layers but the other user": ("uid_drop",),
        "all layers but the pid namespace": ("pid_ns",),
        "no layer over files, no filter": (*FILES, "seccomp"),
    }
    for name, layers in without.items():
        if run.smoke and layers:
            return
        result = computed(run, layers)
        row(f"computes on {run.device} with {name}", result, result == "yes" if not layers else None)


ALL_LAYERS_MAY_LACK = ("pid_ns", "mnt_ns", "net_ns", "ipc_ns", "uts_ns", "landlock", "uid_drop")
"""What a container may forbid; the sandbox works without some of these and says so."""


def limits_for(run: Run, cpu: float = 30, wall: float = 60) -> ChildLimits:
    """Limits of a child that may use the device."""
    return ChildLimits(cpu, wall, 512 * 2**20, output_bytes=1 << 20, accelerator=run.on_gpu)


def computed(run: Run, without: Sequence[str]) -> str:
    """`yes` when a child without these layers computes on the device, or why not."""
    try:
        with Zygote([], unsafe=True, without=without) as zygote, zygote.child({}, limits_for(run)) as child:
            started = time.monotonic()
            value = child.call("autograder.sandbox.selftest:honest", {"device": run.device})
            good = isinstance(value, list) and value[0] == 324.0
            print(f"{time.monotonic() - started:.1f} s", file=sys.stderr)
            return "yes" if good else f"a wrong result: {value}"
    except (ChildFailure, SandboxError) as failure:
        return f"no: {failure}"


def refused(run: Run) -> None:
    """Which calls the filter refused while a child computed and trained; none of them may be needed."""
    zygote = Zygote(["refused_calls", "lab06.probes"], [HERE, ROOT, ROOT / "assignment"], unsafe=True)
    with zygote:
        with zygote.child({}, limits_for(run)) as child:
            row("what doctor computes", *outcome(child, "refused_calls:compute", {"device": run.device}))
            for line in named(child.output):
                row("refused meanwhile", line)
        with zygote.child(reference(), limits_for(run, 120, 120)) as child:
            arguments = training_arguments(run, images=640)
            row("ten batches of training", *outcome(child, "lab06.probes:train_model", arguments))
            for line in named(child.output):
                row("refused meanwhile", line)


def named(output: str) -> list[str]:
    """The refused calls in a child's output, by name; of each the first three forms."""
    names, counts, found = syscalls.names(platform.machine()), dict[str, int](), []
    for line in output.splitlines():
        match line.split():
            case ["refused-call", number, first, second, third, *_]:
                name = names.get(int(number), number)
                counts[name] = counts.get(name, 0) + 1
                if counts[name] <= 3:
                    found.append(f"{name}({first}, {second}, {third}, ...)")
    return [*found, *(f"{name}: {n} forms" for name, n in counts.items() if n > 3)]


def outcome(child: Child, target: str, arguments: dict[str, Any]) -> tuple[str, bool]:
    """What came of a call, and whether it returned."""
    started = time.monotonic()
    try:
        child.call(target, arguments)
    except ChildFailure as failure:
        return str(failure), False
    return f"worked, {time.monotonic() - started:.1f} s", True


def reference() -> dict[str, str]:
    """The reference's modules."""
    return load_lab(ROOT).reference()


def training_arguments(run: Run, images: int) -> dict[str, Any]:
    """What the training probe is called with, for some of the sample's images."""
    digits = lab_data.digits(Context(load_lab(ROOT), "cpu", None, 0))
    return {
        "images": digits.train_images[:images],
        "labels": digits.train_labels[:images],
        "orders": torch.arange(images)[None],
        "batch_size": 64,
        "seed": 1,
        "device": run.device,
        "weights": {},
        "layers": [],
        "loss": "",
        "optimizer": {},
        "parts": 16,
    }


# ---- grading -----------------------------------------------------------------------------------------


def short(lab: Lab) -> Lab:
    """The lab with one epoch on the sample, and a threshold for that: for a smoke run."""
    assert lab.training is not None
    sample = lab.training.sample.model_copy(update={"epochs": 1, "threshold": 0.7})
    training = lab.training.model_copy(update={"sample": sample, "attempts": 1})
    return lab.model_copy(update={"training": training})


def trainer(run: Run, data: Path | None = None, question: str = "q1_7") -> Grader:
    """A grader of q1_7, or of another question, on the device."""
    lab = load_lab(ROOT)
    options = Options(only=frozenset({question}), device=run.device, data=data)
    return Grader(short(lab) if run.smoke else lab, options)


def trained(grader: Grader, name: str, sources: dict[str, str]) -> tuple[str, bool]:
    """The outcome of the grader's question, and whether it passed."""
    started = time.monotonic()
    grade = grader.grade(Submission(name, sources, digest=name))
    return told(grade, time.monotonic() - started)


def told(grade: Grade, seconds: float) -> tuple[str, bool]:
    """The grade of one question in words."""
    (question,) = [each for each in grade.questions if each.verdict not in ("not run", "ungraded")]
    figures = f", {grade.training.averaged_accuracy:.4f} averaged" if grade.training else ""
    passed = question.score == question.max_score
    why = "" if passed else " ".join(check.message for check in question.checks if check.message)
    return f"{question.verdict}, {seconds:.1f} s{figures} {why}".strip(), passed


def training(run: Run) -> None:
    """q1_7 on right and wrong submissions, on the sample and on all of MNIST."""
    right = reference()
    for data, name in ((None, "sample"), (run.data, "all of MNIST")):
        if name != "sample" and data is None:
            row(f"right, {name}", "not run: no --data", None)
            return
        with trainer(run, data) as grader:
            result, passed = trained(grader, f"right-{name}", right)
            row(f"right, {name}", result, passed)
            for what, sources in wrong_ones(right, run):
                if run.left() < 5:
                    row(f"{what}, {name}", "not run: no time was left")
                    continue
                result, passed = trained(grader, f"{what}-{name}", sources)
                expected = passed if what == "batches stay on the CPU" and not run.on_gpu else not passed
                row(f"{what}, {name}", result, expected)


def wrong_ones(right: dict[str, str], run: Run) -> Iterator[tuple[str, dict[str, str]]]:
    """Submissions with one mistake each."""
    for what, (module, old, new) in list(WRONG.items())[: 0 if run.smoke else None]:
        if old not in right[module]:
            row(what, f"the reference's {module}.py has no {old!r}: mend benchmarks/gpu_parts.py", False)
            continue
        yield what, {**right, module: right[module].replace(old, new)}


def evidence(run: Run) -> None:
    """The evidence of training: honest loops that ran on the device are accepted, forged paths refused."""
    measured: Any = importlib.import_module("evidence")

    if run.smoke:
        measured.EPOCHS = 1
    kinds = list(measured.HONEST.items())
    forged = accepted = tried = 0
    for name, (make, loss_fn, loop) in kinds[: 1 if run.smoke else None]:
        if run.left() < 15:
            row("honest loops", f"stopped after {tried} of {len(kinds)}: no time was left")
            break
        task = measured.Task(tried)
        good, best, _ = measured.judged(task, measured.honest(task, make, loss_fn, loop, run.device))
        if not good and (make, loss_fn) != (measured.rmsprop, measured.F.cross_entropy):
            again = measured.Task(tried)  # as the check does: the same loop with the right pieces
            path = measured.honest(again, measured.rmsprop, measured.F.cross_entropy, loop, run.device)
            good, best, _ = measured.judged(again, path)
        tried, accepted = tried + 1, accepted + good
        if not good:
            row(f"honest: {name}", f"refused, specificity {best:.3f}", False)
    row("honest loops accepted", f"{accepted} of {tried}", accepted == tried)
    refused = 0
    for name, points in measured.forged(measured.Task(0)):
        if run.left() < 5 or (run.smoke and forged == 2):
            break
        task = measured.Task(0)
        good, best, _ = measured.judged(task, torch.cat([task.start[None], points[1:]]))
        forged, refused = forged + 1, refused + (not good)
        if good:
            row(f"forged: {name}", f"accepted, specificity {best:.3f}", False)
    row("forged paths refused", f"{refused} of {forged}", refused == forged)


# ---- hostile submissions -----------------------------------------------------------------------------


def hostile(run: Run) -> None:
    """Every attack that the profile can hold; on a GPU a second time with CUDA up in the attacker."""
    chosen = attacks("accelerator")
    if run.smoke:
        chosen = [one for one in chosen if "timeout" not in one.verdicts][::12]
    tries = [
        (one.group, one.name, with_cuda) for with_cuda in (False, True)[: 1 + run.on_gpu] for one in chosen
    ]
    kinds = multiprocessing.get_context("spawn")
    counts = {False: [0, 0], True: [0, 0]}
    workers = 1 if run.smoke else run.jobs
    pool = concurrent.futures.ProcessPoolExecutor(workers, kinds, attack_worker)
    futures = {pool.submit(attacked, *one): one for one in tries}
    try:
        for future in concurrent.futures.as_completed(futures, max(1.0, run.left())):
            group, name, with_cuda = futures[future]
            why = future.result()
            counts[with_cuda][0] += 1
            counts[with_cuda][1] += not why
            if why:
                row(f"attack {group}/{name}{' with CUDA up' if with_cuda else ''}", why, False)
    except concurrent.futures.TimeoutError:
        row("attacks", "stopped: no time was left", False)
    for with_cuda, (count, good) in counts.items():
        if count:
            name = "attacks, CUDA up before" if with_cuda else "attacks"
            row(
                name, f"{good} of {count} contained ({len(chosen)} can run under this profile)", good == count
            )
    pool.shutdown(wait=False, cancel_futures=True)


_attacking: list[Zygote] = []


def attack_worker() -> None:
    """Start the zygote of a process that tries attacks."""
    _attacking.append(Zygote(PRELOAD, [SANDBOX_TESTS]))


def attacked(group: str, name: str, with_cuda: bool) -> str:
    """Why an attack was not contained; empty if it was."""
    (attack,) = [one for one in attacks("accelerator") if (one.group, one.name) == (group, name)]
    if with_cuda:
        attack = Attack(**{**vars(attack), "source": _after_future(attack.source)})
    with planted() as canaries:
        try:
            contained(_attacking[0], attack, canaries, "accelerator")
        except AssertionError as error:
            return str(error)
        except SandboxError as error:
            return f"the grader failed: {error}"
    return ""


def _after_future(source: str) -> str:
    """An attack's module with CUDA started at its beginning."""
    lines = source.splitlines(keepends=True)
    place = max((n + 1 for n, line in enumerate(lines) if line.startswith("from __future__")), default=0)
    return "".join([*lines[:place], PREFIX, *lines[place:]])


def memory(run: Run) -> None:
    """A submission that takes all memory of the device, and what its neighbour gets meanwhile and after."""
    wait = 3.0 if run.smoke else min(20.0, run.seconds / 3)
    neighbour = trainer(run, question="q2_1" if run.smoke else "q1_7")
    with Zygote(PRELOAD, [SANDBOX_TESTS]) as zygote, neighbour as grader:
        result, passed = trained(grader, "before", reference())
        row("neighbour, before", result, passed)
        with zygote.child({"work": HOG}, limits_for(run)) as hog:
            row("takes all memory", *expected_memory(hog, run))
        with zygote.child({"work": HOG}, limits_for(run)) as hog:
            ended: list[str] = []
            arguments = {"device": run.device, "seconds": wait, "catch": True}
            holding = threading.Thread(target=lambda: ended.append(outcome(hog, GO, arguments)[0]))
            holding.start()
            time.sleep(wait / 3)
            row("memory free while it holds it", free_memory(run))
            result, passed = trained(grader, "meanwhile", reference())
            row("neighbour, meanwhile", result, None if run.on_gpu else passed)
            holding.join()
            row("holds all memory", ended[0])
        result, passed = trained(grader, "after", reference())
        row("neighbour, after", result, passed)


GO = "sandbox_probes:go"


def expected_memory(hog: Child, run: Run) -> tuple[str, bool]:
    """What became of a submission that takes memory until there is none; it should be its own fault."""
    result, _ = outcome(hog, GO, {"device": run.device, "seconds": 0.0, "catch": False})
    return result, result.startswith("memory")


def free_memory(run: Run) -> str:
    """Free memory of the device."""
    if not run.on_gpu:
        return "on the CPU each has its own limit"
    free, total = torch.cuda.mem_get_info()
    return f"{free >> 20} of {total >> 20} MiB"


def simulated(run: Run) -> None:
    """The simulated second device against the real one, case by case: what it refuses, CUDA must refuse.

    The cases are those of the simulation's own tests; on a CPU only the simulation is asked.
    """
    cases = importlib.import_module("test_simulated_device")
    wanted = {"refused": cases.REFUSED, "accepted": cases.ACCEPTED}
    for expected, of_kind in wanted.items():
        agreed = 0
        for number, case in enumerate(of_kind):
            there = _on_simulated(case)
            real = _on_real(case) if run.on_gpu else there
            agreed += there == real == expected
            if there != expected or real != expected:
                row(f"{expected} case {number}", f"simulated: {there}, real: {real}", False)
        row(f"cases to be {expected}", f"{agreed} of {len(of_kind)} agree", agreed == len(of_kind))


Case = Callable[[torch.nn.Module, torch.Tensor, torch.Tensor], object]


def _parts_of_a_case() -> tuple[torch.nn.Module, torch.Tensor, torch.Tensor]:
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 2))
    return model, torch.rand(5, 3), torch.tensor([0, 1, 1, 0, 1])


def _on_simulated(case: Case) -> str:
    simulation = importlib.import_module("autograder.simulated_device")
    with simulation.simulated() as mode:
        model, x, y = _parts_of_a_case()
        mode.here([*model.parameters(), *model.buffers(), x, y])
        model.to("cuda")
        return _tried(case, model, x, y)


def _on_real(case: Case) -> str:
    model, x, y = _parts_of_a_case()
    return _tried(case, model.to("cuda"), x, y)


def _tried(case: Case, model: torch.nn.Module, x: torch.Tensor, y: torch.Tensor) -> str:
    try:
        case(model, x, y)
    except RuntimeError as error:
        return "refused" if "device" in str(error) else f"failed ({error})"
    except (TypeError, ValueError, IndexError) as error:
        return f"failed ({type(error).__name__})"
    return "accepted"


# ---- speed -------------------------------------------------------------------------------------------


def write_class(folder: Path, count: int) -> Path:
    """So many right submissions, all different."""
    shutil.rmtree(folder, ignore_errors=True)
    for n in range(count):
        place = folder / f"{n:04}"
        place.mkdir(parents=True)
        for name, text in reference().items():
            (place / f"{name}.py").write_text(f"{text}\n# student {n}\n", "utf-8")
    return folder


def graded_class(run: Run, folder: Path, count: int, extra: Sequence[str]) -> tuple[float, int]:
    """Grade a class by the command: the seconds it took, and how many have full marks in what was run."""
    out = folder.with_name(f"{folder.name}-results")
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "autograder.cli", "grade", str(folder), "--out", str(out)]
    started = time.monotonic()
    try:
        subprocess.run(
            [*command, "--device", run.device, *extra],
            env={**os.environ, "CONVLAB_ROOT": str(ROOT)},
            cwd=ROOT,
            stdout=sys.stderr,
            timeout=max(5.0, run.left()),
        )
    except subprocess.TimeoutExpired:
        print("no time was left", file=sys.stderr)
    seconds = time.monotonic() - started
    grades = [json.loads(path.read_text("utf-8")) for path in out.glob("*/grade.json")]
    return seconds, sum(map(_full, grades))


def _full(grade: dict[str, Any]) -> bool:
    run = [q for q in grade["questions"] if q["verdict"] not in ("ungraded", "not run")]
    return bool(run) and all(q["score"] == q["max_score"] for q in run)


def slots(run: Run) -> None:
    """Throughput of the training question over the number of GPU slots."""
    if run.smoke:
        row("trainings over slots", "not run: not in a smoke run")
        return
    count = 48
    folder = write_class(run.scratch / "slots", count)
    choices = (1, 2, 4, 8, 16) if run.on_gpu else (0,)
    for number in choices:
        if run.left() < 10:
            row(f"--gpu-slots {number}", "not run: no time was left")
            continue
        extra = ["--only", "q1_7", "--jobs", str(run.jobs)]
        extra += ["--gpu-slots", str(number)] if number else []
        seconds, full = graded_class(run, folder, count, extra)
        name = f"--gpu-slots {number}" if number else "without slots, on the CPU"
        row(name, f"{60 * full / seconds:.0f} trainings a minute ({full} of {count} in {seconds:.0f} s)")


def a_class(run: Run) -> None:
    """300 right submissions, training and all."""
    count = 2 if run.smoke else 300
    folder = write_class(run.scratch / "class", count)
    extra = ["--jobs", str(run.jobs), *(["--no-training"] if run.smoke else [])]
    extra += ["--gpu-slots", "8"] if run.on_gpu else []
    for data in (None, run.data) if run.on_gpu else (None,):
        if data is not None and run.left() < 60:
            row(f"{count} right submissions, all of MNIST", "not run: no time was left")
            continue
        more = ["--data", str(data)] if data else []
        seconds, full = graded_class(run, folder, count, [*extra, *more])
        name = f"{count} right submissions, {'all of MNIST' if data else 'sample'}, {run.jobs} jobs"
        row(name, f"{full} with full marks in {seconds:.0f} s (wanted: 120 s)", full == count)


PARTS: dict[str, Callable[[Run], None]] = {
    "machine": machine,
    "doctor": doctor,
    "refused": refused,
    "training": training,
    "evidence": evidence,
    "attacks": hostile,
    "simulated": simulated,
    "memory": memory,
    "slots": slots,
    "class": a_class,
}


def main() -> None:
    """Run one part."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--seconds", type=float, default=100)
    parser.add_argument("--scratch", type=Path, default=ROOT / "build" / "gpu" / "scratch")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--smoke", action="store_true")
    run = parser.parse_args(namespace=Run())
    torch.set_num_threads(1)
    run.scratch.mkdir(parents=True, exist_ok=True)
    PARTS[run.part](run)
    sys.stdout.flush()
    os._exit(0)  # helpers that are still at work are ended by who started this


if __name__ == "__main__":
    main()
