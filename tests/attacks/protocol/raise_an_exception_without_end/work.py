def go(**p):
    raise ValueError('x' * 10 ** 8)
