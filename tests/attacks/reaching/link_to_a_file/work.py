import os
def go(secret, folder, **p):
    os.symlink(secret, folder + '/new')
