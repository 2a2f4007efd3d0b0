def go(**p):
    return input()
