from frames import frame
import os
def go(**p):
    os.write(3, frame('', ['t', 0], tensors=[['float32', [2 ** 40]]], size=2 ** 42))
