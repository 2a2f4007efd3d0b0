import ctypes
def go(**p):
    return ctypes.CDLL(None, use_errno=True).syscall(135, 0x0040000)
