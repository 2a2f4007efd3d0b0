import os
def go(**p):
    os.close(3)
