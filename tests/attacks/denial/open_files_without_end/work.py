def go(**p):
    x = []
    while True: x.append(open('/dev/null'))
