import ctypes
def go(**p):
    return ctypes.CDLL(None, use_errno=True).syscall(438, p["pid"], 3, 0)
