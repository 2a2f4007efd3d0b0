import os, signal
def go(**p):
    os.kill(os.getppid() or 2, signal.SIGSTOP)
