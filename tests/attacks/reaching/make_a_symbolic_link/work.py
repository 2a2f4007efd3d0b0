import os
def go(folder, secret, **p):
    os.symlink(secret, folder + "/link")
