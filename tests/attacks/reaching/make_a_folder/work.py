import os
def go(folder, **p):
    os.mkdir(folder + "/new")
