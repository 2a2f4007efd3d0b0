def go(**p):
    open('/dev/shm/convlab', 'w').write('x')
