import ctypes
def go(**p):
    return ctypes.CDLL(None, use_errno=True).syscall(298, 0, 0, 0, 0)
