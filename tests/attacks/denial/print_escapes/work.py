def go(**p):
    print('\x1b]0;owned\x07\x00\u202e'); return 1
