import ctypes
def go(**p):
    return ctypes.CDLL(None).syscall(57)
