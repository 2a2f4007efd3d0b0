import os
def go(**p):
    os.write(3, os.urandom(999))
    return 1
