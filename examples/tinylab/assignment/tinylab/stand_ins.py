"""What later questions get in place of a question's function; each complete in itself. Students get none."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def normalise_rows(matrix: Tensor) -> Tensor:
    """Rows of length one."""
    return F.normalize(matrix, dim=1)
