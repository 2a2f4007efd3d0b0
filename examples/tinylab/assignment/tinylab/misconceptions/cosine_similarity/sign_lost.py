"""All values are positive, even for vectors that point in opposite directions.

What is the sign of the cosine of an angle of more than 90 degrees?
"""

import torch.nn.functional as F


def cosine_similarity(a, b):
    return (F.normalize(a, dim=1) @ F.normalize(b, dim=1).T).abs()
