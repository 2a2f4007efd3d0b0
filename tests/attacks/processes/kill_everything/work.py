import os, signal
def go(**p):
    os.kill(-1, signal.SIGKILL)
