import bz2
bomb = bytearray()
press = bz2.BZ2Compressor()
for _ in range(20):
    bomb += press.compress(bytes(10 ** 6))
bomb += press.flush()
def go(**p):
    return len(b"".join(bz2.decompress(bytes(bomb)) for _ in range(1000)))
