def go(**p):
    return compile('(' * 10 ** 6, 'x', 'eval')
