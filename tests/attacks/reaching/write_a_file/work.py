def go(folder, **p):
    open(folder + '/new', 'w').write('x')
