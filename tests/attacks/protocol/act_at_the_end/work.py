import atexit, os
def late():
    os.write(3, b'x' * 99)
atexit.register(late)
class Late:
    def __del__(self):
        late()
keep = Late()
def go(**p):
    return 1
