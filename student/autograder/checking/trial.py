"""Loads a folder's modules as the grader does, in a process of its own: `submit.py` starts it.

Reports one line of JSON for each module that begins and for each that is done, on the standard output that
it was started with; what the modules print goes elsewhere.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any, TextIO

from autograder.garbage import look_seldom
from autograder.timeouts import TimedOut, TimeLimit, Watch

NO_TORCH = "torch"


def main() -> None:
    """Read the order, load each module, and report."""
    look_seldom()
    order = json.loads(sys.stdin.readline())
    report = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="backslashreplace")
    os.dup2(2, 1)
    if any(NO_TORCH in text for text in order["sources"].values()):  # to import it for nothing takes a second
        try:
            import torch  # noqa: F401
        except Exception as error:  # a torch that is there may fail in any way
            _tell(report, {NO_TORCH: f"{type(error).__name__}: {error}"})
            return
    from autograder.modules import Modules

    sys.path[:] = [place for place in sys.path if place not in sys.argv[1:]]  # as the grader's: no folder
    limit = TimeLimit(*order["limit"])
    for name in order["modules"]:
        _tell(report, {"begin": name})
        with Modules(order["sources"]) as modules:
            _tell(report, {"module": name, **_loaded(modules, name, order["functions"].get(name, []), limit)})


def _loaded(modules: Any, name: str, functions: list[str], limit: TimeLimit) -> Mapping[str, Any]:
    """How the loading of a module ended, and which functions it lacks."""
    try:
        with Watch(limit, [f"{each}.py" for each in modules.sources]):
            module = modules.load(name)
    except TimedOut as over:
        return {"over": f"{over.message}: {over.trace}"}
    except BaseException as error:  # a module may raise SystemExit
        failure = modules.failure(error)
        where = (
            failure.trace.splitlines()[-1].partition(":")[0].partition(", in ")[0] if failure.trace else ""
        )
        told = f"{failure.kind}: {failure.message}"
        return {"problem": f"{where}: {told}" if where and where not in told else told}
    missing = [each for each in functions if not callable(getattr(module, each, None))]
    return {"problem": "", "missing": missing}


def _tell(report: TextIO, told: Mapping[str, Any]) -> None:
    print(json.dumps(told), file=report, flush=True)


if __name__ == "__main__":
    main()
