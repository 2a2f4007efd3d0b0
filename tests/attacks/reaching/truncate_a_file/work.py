import os
def go(secret, **p):
    os.truncate(secret, 0)
