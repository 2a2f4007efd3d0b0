import ctypes
def go(**p):
    return ctypes.CDLL(None).syscall(425, 1, b' ' * 120)
