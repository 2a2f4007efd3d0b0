import threading
def go(**p):
    l = threading.Lock(); l.acquire(); l.acquire()
