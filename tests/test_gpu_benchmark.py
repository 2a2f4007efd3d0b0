"""benchmarks/gpu.py: what of it runs without a GPU, and that a failed part costs its row only."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from harness import ROOT

SCRIPT = ROOT / "benchmarks" / "gpu.py"


def run(out: Path, *arguments: str, check: bool = True) -> list[dict[str, Any]]:
    command = [sys.executable, str(SCRIPT), "--device", "cpu", "--smoke", "--out", str(out), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500)
    assert not check or done.returncode == 0, done.stdout + done.stderr
    rows: list[dict[str, Any]] = json.loads((out / "gpu.json").read_text("utf-8"))["rows"]
    return rows


@pytest.mark.ci
def test_every_part_runs_on_a_cpu(tmp_path: Path) -> None:
    rows = run(tmp_path)
    parts = {row["part"] for row in rows}
    assert len(parts) == 10
    expected = {row["part"] for row in rows if row["verdict"] == "as expected"}
    assert expected >= {"doctor", "refused", "training", "evidence", "attacks", "memory", "class"}
    assert [row for row in rows if "NOT" in row["verdict"]] == []
    assert len((tmp_path / "gpu.md").read_text("utf-8").splitlines()) == len(rows) + 2


@pytest.mark.slow
def test_refused_calls_are_named(tmp_path: Path) -> None:
    found = [row["result"] for row in run(tmp_path, "--only", "refused") if "refused" in row["what"]]
    assert any(name.startswith("clone3(") for name in found), found  # libraries try it before clone


@pytest.mark.ci
def test_a_part_that_fails_costs_its_row_only(tmp_path: Path) -> None:
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    rows = run(tmp_path, "--only", "machine,training", "--data", str(nothing), check=False)
    assert [row["what"] for row in rows if row["verdict"].startswith("NOT")] == ["the rest of it"]
    assert {row["part"] for row in rows} == {"machine", "training"}
