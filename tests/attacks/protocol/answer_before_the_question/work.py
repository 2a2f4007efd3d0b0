from frames import frame
import os
os.write(3, frame('0' * 32))
def go(**p):
    return 1
