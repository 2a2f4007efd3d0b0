import os
def go(**p):
    found = []
    for i in range(1000):
        try: found.append((i, os.fstat(i).st_mode >> 12))
        except OSError: pass
    return str(found)
