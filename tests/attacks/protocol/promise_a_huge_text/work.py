import os
def go(**p):
    os.write(3, b'\xff' * 12)
