import ctypes
def go(pid, **p):
    return ctypes.CDLL(None).ptrace(16, pid, 0, 0)
