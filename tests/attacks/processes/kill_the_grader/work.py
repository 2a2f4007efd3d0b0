import os, signal
def go(pid, **p):
    os.kill(pid, signal.SIGKILL)
