import signal
def ring(*a):
    raise KeyboardInterrupt
signal.signal(signal.SIGALRM, ring)
signal.setitimer(signal.ITIMER_REAL, 0.2, 0.05)
def build_model():
    raise ValueError("no model")
