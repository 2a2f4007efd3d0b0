import os
def go(secret, **p):
    os.unlink(secret)
