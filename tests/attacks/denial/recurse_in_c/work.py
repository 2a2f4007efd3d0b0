import sys
def go(**p):
    sys.setrecursionlimit(10 ** 9)
    return go(**p)
