import threading
def go(**p):
    threading.stack_size(2 ** 40)
    thread = threading.Thread(target=print)
    thread.start()
    thread.join()
