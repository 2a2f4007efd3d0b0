def go(**p):
    while True:
        try:
            while True: pass
        except BaseException: pass
