import ctypes
def go(**p):
    return ctypes.CDLL(None).unshare(0x10000000)
