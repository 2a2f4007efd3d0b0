import linecache
def go(secret, **p):
    return linecache.getline(secret, 1)
