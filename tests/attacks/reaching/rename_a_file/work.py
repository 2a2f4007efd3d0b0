import os
def go(secret, **p):
    os.rename(secret, secret + '2')
