import os
def go(**p):
    os._exit(0)
