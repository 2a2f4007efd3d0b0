import ctypes
def go(**p):
    return ctypes.CDLL(None).syscall(56, 0x10000000 | 17, 0, 0, 0, 0)
