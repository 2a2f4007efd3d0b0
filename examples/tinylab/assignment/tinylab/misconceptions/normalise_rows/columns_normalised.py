"""The columns have length 1, not the rows.

Over which dimension are the squares of one row added?
"""


def normalise_rows(matrix):
    return matrix / matrix.square().sum(dim=0, keepdim=True).sqrt()
