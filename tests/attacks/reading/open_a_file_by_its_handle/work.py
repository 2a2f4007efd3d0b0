import ctypes
def go(**p):
    return ctypes.CDLL(None, use_errno=True).syscall(304, -100, 0, 0)
