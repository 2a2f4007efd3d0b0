"""Grading one submission: in this process, or in a worker with orders and grades as JSON."""

from __future__ import annotations

import json
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Collection
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from autograder.errors import GRADER, ConvlabError, GraderError, UsageError
from autograder.grade import Fault, Grade
from autograder.grading import Grader, Options
from autograder.lab import load_lab
from autograder.submission import Submission

Answer = Grade | Fault
"""What grading one submission came to."""

_warm: dict[bytes, Grader] = {}


def carry_out(grader: Grader, submission: Submission, questions: Collection[str]) -> Answer:
    """Grade these questions. A fault is an answer too: others may still be graded."""
    try:
        return grader.grade(submission, questions)
    except ConvlabError as error:
        return fault(error)
    except Exception as error:
        return fault(GraderError(f"{type(error).__name__}: {error}"))


def fault(error: ConvlabError) -> Fault:
    """Why there is no grade. Only the grader's own faults are called that."""
    text = f"the grader itself failed: {error}" if error.status == GRADER else str(error)
    return Fault(text, error.status)


# ---- as JSON, from one process to another ------------------------------------------------------------


def settings_of(grader: Grader, root: Path | None) -> bytes:
    """All that a worker needs to know before the first order. `root` None is the worker's own copy."""
    options = asdict(grader.options)
    options["only"] = sorted(grader.options.only) if grader.options.only is not None else None
    options["data"] = str(grader.options.data.resolve()) if grader.options.data is not None else None
    settings = {"options": options, "root": str(root) if root else None, "rules": grader.rules}
    return json.dumps(settings, sort_keys=True).encode()


def order_of(submission: Submission, questions: Collection[str]) -> bytes:
    """One submission to grade, in these questions."""
    sent = asdict(replace(submission, pictures={}))  # no check looks at them
    return json.dumps({"submission": sent, "questions": sorted(questions)}).encode()


def answered(answer: bytes) -> Answer:
    """What a worker made of an order. ConvlabError when it could not even start its grader."""
    data = json.loads(answer)
    if "grade" in data:
        return Grade.model_validate(data["grade"])
    if "unable" in data:
        raise (GraderError if data["status"] == GRADER else UsageError)(data["unable"])
    return Fault(data["fault"], data["status"])


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
    except ConvlabError as error:
        return json.dumps({"unable": str(error), "status": error.status}).encode()
    data = json.loads(order)
    answer = carry_out(grader, _submission(data["submission"]), data["questions"])
    if isinstance(answer, Grade):
        return f'{{"grade": {answer.to_json()}}}'.encode()
    return json.dumps({"fault": answer, "status": answer.status}).encode()


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
            raise GraderError(f"{where} has other checks or points than the folder where the run started")
        _warm[settings] = grader.__enter__()
    return _warm[settings]
