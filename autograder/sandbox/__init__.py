"""Runs code we do not trust: a zygote, locked-down children, plain values. Knows nothing of the lab."""

from autograder.sandbox.client import Child, ChildFailure, Limits, SandboxError, Zygote

__all__ = ["Child", "ChildFailure", "Limits", "SandboxError", "Zygote"]
