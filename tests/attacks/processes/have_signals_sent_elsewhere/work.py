import fcntl, signal
def go(pid, **p):
    fcntl.fcntl(3, fcntl.F_SETOWN, pid)
    fcntl.fcntl(3, fcntl.F_SETSIG, signal.SIGKILL)
