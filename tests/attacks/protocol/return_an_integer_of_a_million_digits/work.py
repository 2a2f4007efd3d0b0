def go(**p):
    return 10 ** 10 ** 6
