import multiprocessing
def go(**p):
    q = multiprocessing.Process(target=print)
    q.start()
