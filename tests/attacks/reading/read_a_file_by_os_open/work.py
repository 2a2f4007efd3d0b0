import os
def go(secret, **p):
    return os.read(os.open(secret, os.O_RDONLY), 99).decode()
