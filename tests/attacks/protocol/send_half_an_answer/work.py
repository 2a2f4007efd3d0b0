from frames import frame
import os
def go(**p):
    os.write(3, frame('')[:20])
    os._exit(0)
