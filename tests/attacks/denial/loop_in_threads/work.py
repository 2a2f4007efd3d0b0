import threading
def loop():
    while True: pass
def go(**p):
    for _ in range(8): threading.Thread(target=loop).start()
    loop()
