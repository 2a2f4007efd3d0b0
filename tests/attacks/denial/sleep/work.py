import time
def go(**p):
    time.sleep(10 ** 6)
