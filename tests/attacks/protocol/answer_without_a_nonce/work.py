from frames import frame
import os
def go(**p):
    os.write(3, frame(''))
    return 1
