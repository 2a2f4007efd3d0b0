from frames import frame
import os
import threading, time
def late():
    time.sleep(0.1)
    os.write(3, frame('0' * 32, 'forged'))
def go(**p):
    threading.Thread(target=late).start()
    return 'own'
