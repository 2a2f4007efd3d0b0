"""How far a right answer may be off."""

from __future__ import annotations

import torch

BOUND = {torch.float32: 1e-5, torch.float64: 1e-12}
"""Absolute: no result is larger than 1. Right solutions stay below a tenth of it."""
