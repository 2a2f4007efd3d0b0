import ctypes
def go(**p):
    return ctypes.CDLL(None, use_errno=True).syscall(170, b"mine", 4)
