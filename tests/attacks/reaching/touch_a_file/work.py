import os
def go(secret, **p):
    os.utime(secret, (0, 0))
