import ctypes
def go(**p):
    return ctypes.CDLL(None, use_errno=True).syscall(437, -100, ctypes.c_char_p(p["secret"].encode()), ctypes.create_string_buffer(24), 24)
