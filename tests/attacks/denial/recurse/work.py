def go(**p):
    return go(**p)
