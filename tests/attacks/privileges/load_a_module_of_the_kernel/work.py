import ctypes
def go(**p):
    return ctypes.CDLL(None, use_errno=True).syscall(175, 0, 0, 0, 0)
