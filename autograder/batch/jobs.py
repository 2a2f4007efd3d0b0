"""What a worker process does: one warm grader, orders in as JSON, grades out as JSON."""

from __future__ import annotations

import json
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path
from typing import Any

from autograder.grade import Grade
from autograder.grading import Grader, GraderError, Options, UsageError
from autograder.lab import LabError, load_lab
from autograder.submission import Submission

_warm: dict[bytes, Grader] = {}
_PLAIN = (GraderError, UsageError, LabError)


def settings_of(grader: Grader, root: Path | None) -> bytes:
    """All that a worker needs to know before the first order. `root` None is the worker's own copy."""
    options = asdict(grader.options)
    options["only"] = sorted(grader.options.only) if grader.options.only is not None else None
    options["data"] = str(grader.options.data.resolve()) if grader.options.data is not None else None
    settings = {"options": options, "root": str(root) if root else None, "rules": grader.rules}
    return json.dumps(settings, sort_keys=True).encode()


def order_of(submission: Submission, questions: Collection[str] | None) -> bytes:
    """One submission to grade, in all selected questions or in these."""
    chosen = sorted(questions) if questions is not None else None
    return json.dumps({"submission": asdict(submission), "questions": chosen}).encode()


def answered(answer: bytes) -> Grade | str:
    """The grade that an answer holds, or how the grader failed. GraderError when it could not even start."""
    data = json.loads(answer)
    if "unable" in data:
        raise GraderError(data["unable"])
    return Grade.model_validate(data["grade"]) if "grade" in data else str(data["fault"])


def carry_out(grader: Grader, order: bytes) -> bytes:
    """Grade as ordered. A fault of the grader's own is an answer too: others may still be graded."""
    data = json.loads(order)
    try:
        grade = grader.grade(_submission(data["submission"]), data["questions"])
    except KeyboardInterrupt:
        raise
    except _PLAIN as error:
        return json.dumps({"fault": str(error)}).encode()
    except Exception as error:
        return json.dumps({"fault": f"{type(error).__name__}: {error}"}).encode()
    return json.dumps({"grade": json.loads(grade.to_json())}).encode()


def _submission(data: dict[str, Any]) -> Submission:
    return Submission(**{**data, "notes": tuple(data["notes"])})


# ---- in a worker process ---------------------------------------------------------------------------


def settle() -> None:
    """Make this worker die with the process whose work it does, and leave Ctrl-C to that one.

    The fork server, this one's parent for the system, lives as long as its children do: it is no sign.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if (master := multiprocessing.parent_process()) is not None:
        threading.Thread(target=_end_with, args=(master.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    multiprocessing.connection.wait([sentinel])
    os.kill(os.getpid(), signal.SIGKILL)


def perform(settings: bytes, order: bytes) -> bytes:
    """Carry out one order with this process's grader."""
    try:
        grader = _grader(settings)
    except _PLAIN as error:
        return json.dumps({"unable": str(error)}).encode()
    return carry_out(grader, order)


def _grader(settings: bytes) -> Grader:
    """The warm grader of these settings. Another one's ends: one process holds one zygote."""
    if settings not in _warm:
        for old in list(_warm):
            _warm.pop(old).__exit__(None, None, None)
        data = json.loads(settings)
        options = data["options"]
        if options["only"] is not None:
            options["only"] = frozenset(options["only"])
        if options["data"] is not None:
            options["data"] = Path(options["data"])
        lab = load_lab(Path(data["root"]) if data["root"] else None)
        grader = Grader(lab, Options(**options))
        if grader.rules != data["rules"]:
            where = f"{lab.root} on this worker"
            raise GraderError(f"{where} holds other checks or points than the folder that the run started in")
        _warm[settings] = grader.__enter__()
    return _warm[settings]
