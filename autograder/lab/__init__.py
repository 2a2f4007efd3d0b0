"""A lab as the engine sees it: one object, read from its folder and handed down."""

from autograder.errors import LabError
from autograder.lab.lab import Lab, find_root, is_lab_package, load_lab
from autograder.lab.settings import LateRule, Limits, Question, TrainingRun, TrainingSettings

__all__ = [
    "Lab",
    "LabError",
    "LateRule",
    "Limits",
    "Question",
    "TrainingRun",
    "TrainingSettings",
    "find_root",
    "is_lab_package",
    "load_lab",
]
