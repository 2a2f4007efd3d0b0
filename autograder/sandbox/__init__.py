"""Runs code we do not trust: a zygote, locked-down children, plain values. Knows nothing of the lab."""

from autograder.isolation import summary
from autograder.sandbox.base import ChildFailure, ChildLimits, SandboxError, Setting
from autograder.sandbox.child import Child
from autograder.sandbox.client import Zygote
from autograder.sandbox.doctor import Finding, diagnose

__all__ = [
    "Child",
    "ChildFailure",
    "ChildLimits",
    "Finding",
    "SandboxError",
    "Setting",
    "Zygote",
    "diagnose",
    "summary",
]
