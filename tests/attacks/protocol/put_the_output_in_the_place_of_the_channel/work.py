import os
def go(**p):
    os.dup2(1, 3)
