def go(secret, **p):
    open(secret, 'a').write('x')
