import ctypes
def go(secret, **p):
    c = ctypes.CDLL(None); c.fopen.restype = ctypes.c_void_p
    f = c.fopen(secret.encode(), b'r')
    return 'opened' if f else 'no'
