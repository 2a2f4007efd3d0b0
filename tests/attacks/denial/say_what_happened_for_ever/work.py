class Endless(Exception):
    def __str__(self):
        while True:
            pass
def go(**p):
    raise Endless
