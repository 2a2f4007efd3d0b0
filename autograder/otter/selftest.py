"""The self-test of a freshly built image: the reference, handed in like any submission, gets full marks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from autograder.lab import load_lab
from autograder.otter.gradescope import FOLDER
from autograder.otter.isolated import SHIPPED


def main(source: Path) -> int:
    """Run `source`/run_autograder on the reference in a folder like Gradescope's. 0 when all is right."""
    with tempfile.TemporaryDirectory(prefix="convlab-selftest-") as name:
        base = Path(name)
        root = build_tree(base, source)
        lab = load_lab(root)
        for module in lab.module_files:
            shutil.copy(lab.solutions / module, base / "submission" / module)
        status = run(base)
        score = json.loads((base / "results" / "results.json").read_text("utf-8")).get("score")
    if status == 0 and score == lab.max_score:
        print(f"self-test passed: the reference scores {score:g} of {lab.max_score:g}")
        return 0
    print(f"self-test FAILED: status {status}, the reference scores {score}", file=sys.stderr)
    return 1


def build_tree(base: Path, source: Path) -> Path:
    """Lay out source/, submission/ and results/ below `base`; where the package then is."""
    shutil.copytree(source, base / "source")
    for folder in ("submission", "results"):
        (base / folder).mkdir()
    (base / "submission_metadata.json").touch()
    return base / SHIPPED


def run(base: Path) -> int:
    """Run the tree's own run_autograder, with this Python; its exit status."""
    command = ["bash", str(base / "source" / "run_autograder")]
    return subprocess.run(
        command, env={**os.environ, FOLDER: str(base), "CONVLAB_PYTHON": sys.executable}
    ).returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
