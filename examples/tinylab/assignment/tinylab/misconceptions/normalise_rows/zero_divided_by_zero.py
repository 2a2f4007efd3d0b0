"""A row of zeros became NaN: it was divided by its length, which is 0.

What should become of such a row, and what can you divide it by to get that?
"""


def normalise_rows(matrix):
    return matrix / matrix.square().sum(dim=1, keepdim=True).sqrt()
