"""The dot products were not divided by the lengths of the rows.

Should the result change when a row is made twice as long?
"""


def cosine_similarity(a, b):
    return a @ b.T
