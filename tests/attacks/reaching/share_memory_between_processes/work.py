from multiprocessing import shared_memory
def go(**p):
    shared_memory.SharedMemory(name='convlab', create=True, size=99)
