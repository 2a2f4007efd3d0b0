import os
def go(secret, **p):
    return open('/..' * 9 + secret).read()
