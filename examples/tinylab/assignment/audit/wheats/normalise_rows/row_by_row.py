"""A loop over the rows, and Python's square root."""

import math


def normalise_rows(matrix):
    result = matrix.clone()
    for row in result:
        length = math.sqrt(sum(value.item() ** 2 for value in row))
        if length > 0:
            row /= length
    return result
