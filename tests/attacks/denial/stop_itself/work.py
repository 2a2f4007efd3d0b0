import signal, threading, time
def go(**p):
    signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)
    time.sleep(99)
