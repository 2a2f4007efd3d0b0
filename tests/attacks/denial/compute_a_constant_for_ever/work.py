def go(**p):
    return 2 ** (10 ** 9) ** 2
