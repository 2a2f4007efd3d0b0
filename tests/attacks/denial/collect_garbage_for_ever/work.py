import gc
class Again:
    def __del__(self):
        Again().me = None
        while True:
            pass
def go(**p):
    one = Again()
    one.me = one
    del one
    gc.collect()
