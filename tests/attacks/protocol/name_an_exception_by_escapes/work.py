Odd = type("\x1b[2J\x07\u202e" + "x" * 10 ** 6, (Exception,), {})
def go(**p):
    raise Odd("\x1b]0;mine\x07")
