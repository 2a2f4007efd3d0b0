def go(**p):
    while True: pass
