import ctypes
def go(pid, **p):
    return ctypes.CDLL(None).syscall(234, pid, pid, 9)
