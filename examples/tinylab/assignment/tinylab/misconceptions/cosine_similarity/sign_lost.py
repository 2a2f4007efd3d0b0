"""All values are positive, those of vectors that point in opposite directions too.

Which sign has the cosine of an angle of more than 90 degrees?
"""

import torch.nn.functional as F


def cosine_similarity(a, b):
    return (F.normalize(a, dim=1) @ F.normalize(b, dim=1).T).abs()
