"""What the lab's attacks hand in, for tests that have them graded by other ways than the sandbox's own."""

from __future__ import annotations

import tomllib
from pathlib import Path

from harness import ROOT, reference_sources

ATTACKS = ROOT / "assignment" / "audit" / "attacks"
KINDS = (
    "return_a_lying_tensor",
    "return_a_view_of_one_number",
    "describe_a_tensor_beyond_counting",
    "echo_by_what_an_exception_says_of_itself",
    "spoil_torch_for_other_modules",
    "replace_the_labs_probes",
    "leave_with_success",
    "chain_attributes_without_end",
    "hand_in_settings",
    "hand_in_an_assignment",
    "take_anothers_name",
    "name_files_without_end",
)
"""One of each kind: values, sizes, replies, echoes, other modules, probes, exits, sources, files, names."""


def attack_files(folder: Path) -> dict[str, str]:
    """What an attack hands in: its own modules over the reference's, aimed at nothing."""
    facts = tomllib.loads((folder / "attack.toml").read_text("utf-8"))
    files = {f"{name}.py": text for name, text in reference_sources().items()}
    files |= {path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.py"))}
    files.update(facts.get("files", {}))
    return files


def attacked(folder: Path) -> set[str]:
    """The modules that are the attack's own; the others are the reference's."""
    return {path.stem for path in folder.glob("*.py")}
