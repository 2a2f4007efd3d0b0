import os
def go(folder, **p):
    os.mkfifo(folder + "/pipe")
