import ctypes
def go(pid, **p):
    c = ctypes.CDLL(None, use_errno=True)
    v = (ctypes.c_size_t * 2)()
    return c.process_vm_readv(pid, v, 1, v, 1, 0)
