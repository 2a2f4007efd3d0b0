def go(**p):
    x = None
    while True: x = (x,) * 2, bytes(10 ** 4)
