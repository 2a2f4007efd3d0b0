class Odd(Exception):
    def __str__(self):
        raise SystemExit
def go(**p):
    raise Odd
