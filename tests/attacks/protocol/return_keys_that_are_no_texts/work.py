def go(**p):
    return {1: 2, None: 3, (4,): 5}
