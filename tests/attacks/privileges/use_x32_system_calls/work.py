import ctypes
def go(**p):
    return ctypes.CDLL(None).syscall(0x40000039)
