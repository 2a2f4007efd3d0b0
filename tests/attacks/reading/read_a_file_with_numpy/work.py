import numpy
def go(secret, **p):
    return bytes(numpy.fromfile(secret, dtype='u1')).decode()
