import os
class Bomb:
    def __reduce__(self):
        return (os.system, ('true',))
def go(**p):
    return Bomb()
