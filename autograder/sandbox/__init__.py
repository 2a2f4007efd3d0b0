"""Runs code we do not trust: a zygote, locked-down children, plain values. Knows nothing of the lab."""

from autograder.sandbox.base import ChildFailure, Limits, SandboxError
from autograder.sandbox.child import Child
from autograder.sandbox.client import Zygote
from autograder.sandbox.doctor import Finding, diagnose
from autograder.sandbox.verify import summary

__all__ = ["Child", "ChildFailure", "Finding", "Limits", "SandboxError", "Zygote", "diagnose", "summary"]
