import ctypes
def go(**p):
    return ctypes.CDLL(None, use_errno=True).syscall(248, b"user", b"x", b"y", 1, -2)
