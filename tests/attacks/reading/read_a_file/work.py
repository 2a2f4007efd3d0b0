def go(secret, **p):
    return open(secret).read()
