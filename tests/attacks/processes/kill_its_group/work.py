import os, signal
def go(**p):
    os.killpg(0, signal.SIGKILL)
