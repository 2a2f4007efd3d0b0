import ctypes
def go(**p):
    a = (ctypes.c_uint64 * 8)(0, 0, 0, 0, 17)
    return ctypes.CDLL(None).syscall(435, a, 64)
