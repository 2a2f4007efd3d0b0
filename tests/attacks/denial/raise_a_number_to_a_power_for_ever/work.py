def go(**p):
    return 7 ** 7 ** 11
