from frames import frame
import os
def go(**p):
    os.write(3, frame('', ['t', 0], tensors=[['float32', [0] + [2 ** 39] * 15]], size=0))
