import os
def go(**p):
    return os.fork()
