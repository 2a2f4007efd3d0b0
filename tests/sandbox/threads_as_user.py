"""As an ordinary user who may have few processes: one lane's threads do not keep another from its child.

    python tests/sandbox/threads_as_user.py SET

prints how many threads the attack got, or how it ended, and what the other lane's child answered meanwhile.
"""

from __future__ import annotations

import resource
import sys
import threading
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS.parent), str(TESTS / "sandbox")]

from sandbox_harness import LIMITS, started  # noqa: E402

from autograder.sandbox import Child, ChildFailure  # noqa: E402

ATTACK = TESTS / "attacks" / "denial" / "fill_the_table_of_processes" / "work.py"
HELD = "    time.sleep(0.5)\n    return 1 if made <= 64 else made"
HONEST = {"work": "def go():\n    return 'answered'\n"}
MOST = 400


def main(layers: str) -> None:
    """Run the attack in one lane and honest children in the other."""
    resource.setrlimit(resource.RLIMIT_NPROC, (MOST, MOST))
    text = ATTACK.read_text("utf-8")
    assert HELD in text
    hostile = {"work": text.replace(HELD, "    time.sleep(3)\n    return made")}
    said: list[str] = []
    with started(layers) as one, started(layers) as other, one.child(hostile, LIMITS) as child:
        thread = threading.Thread(target=lambda: said.append(asked(child)))
        thread.start()
        answers = []
        for _ in range(6):
            time.sleep(0.5)
            with other.child(HONEST, LIMITS) as honest:
                answers.append(asked(honest))
        thread.join()
    print(*said, *answers)


def asked(child: Child) -> str:
    """What comes of a call: the value, or the verdict."""
    try:
        return str(child.call("sandbox_probes:go", {}))
    except ChildFailure as failure:
        return failure.verdict


if __name__ == "__main__":
    main(sys.argv[1])
