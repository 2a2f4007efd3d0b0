import os
def go(secret, **p):
    os.chmod(secret, 0)
