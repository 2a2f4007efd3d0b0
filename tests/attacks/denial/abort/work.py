import os
def go(**p):
    os.abort()
