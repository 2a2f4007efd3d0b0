import ctypes
def go(**p):
    return ctypes.CDLL(None).msgget(1, 0o1777)
