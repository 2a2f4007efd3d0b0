import ctypes
def go(**p):
    return ctypes.CDLL(None).syscall(321, 0, b' ' * 120, 120)
