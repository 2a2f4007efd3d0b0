def go(secret, pid, **p):
    return open(f'/proc/{pid}/root{secret}').read()
