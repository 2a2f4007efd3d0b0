import ctypes
def go(**p):
    ctypes.string_at(0)
