"""Takes every row shorter than 1 for one of zeros."""


def normalise_rows(matrix):
    return matrix / matrix.norm(dim=1, keepdim=True).clamp(min=1)
