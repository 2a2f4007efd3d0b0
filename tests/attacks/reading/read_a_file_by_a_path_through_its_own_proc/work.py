def go(secret, **p):
    return open(f'/proc/self/cwd/../../..{secret}').read()
