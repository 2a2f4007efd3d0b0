import os
def go(secret, **p):
    os.chown(secret, 0, 0)
