import os
def go(**p):
    os.memfd_create("x")
