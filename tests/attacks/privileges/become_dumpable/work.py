import ctypes
def go(**p):
    return ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
