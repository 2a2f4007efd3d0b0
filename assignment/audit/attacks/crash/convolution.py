import ctypes
def apply_convolution(img, kernel):
    ctypes.string_at(0)
