class Odd(dict):
    def items(self):
        yield 'a', self
def go(**p):
    return Odd(a=1)
