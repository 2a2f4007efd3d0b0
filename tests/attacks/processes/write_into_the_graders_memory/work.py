import ctypes
def go(**p):
    return ctypes.CDLL(None, use_errno=True).syscall(311, p["pid"], 0, 0, 0, 0, 0)
