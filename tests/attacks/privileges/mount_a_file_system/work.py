import ctypes
def go(**p):
    return ctypes.CDLL(None, use_errno=True).syscall(165, b"none", b"/tmp", b"tmpfs", 0, 0)
