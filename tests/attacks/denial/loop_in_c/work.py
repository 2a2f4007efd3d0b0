def go(**p):
    return sum(range(10 ** 12))
