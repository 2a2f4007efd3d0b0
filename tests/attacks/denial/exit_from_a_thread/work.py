import os, threading, time
def go(**p):
    threading.Thread(target=os._exit, args=(0,)).start()
    time.sleep(9)
