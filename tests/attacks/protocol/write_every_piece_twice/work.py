import os
_write = os.writev
def twice(descriptor, pieces):
    _write(descriptor, pieces)
    return _write(descriptor, pieces)
os.writev = twice
def go(**p):
    os.writev(3, [b"x" * 12])
    return 1
