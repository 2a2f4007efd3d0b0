class Liar(str):
    def encode(self, *a):
        return b'lie'
    def __str__(self):
        return 'lie'
def go(**p):
    return Liar('truth')
