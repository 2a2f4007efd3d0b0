from frames import frame
import os
def go(**p):
    os.write(3, frame('\ud800', 1))
