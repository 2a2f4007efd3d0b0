import mmap
def go(**p):
    x = []
    while True:
        m = mmap.mmap(-1, 10 ** 7); m.write(bytes(10 ** 7)); x.append(m)
