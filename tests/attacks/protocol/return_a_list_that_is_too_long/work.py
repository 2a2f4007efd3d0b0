def go(**p):
    return ['x' * 1000] * 10 ** 4
