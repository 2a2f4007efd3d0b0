def apply_convolution(img, kernel):
    return eval("9" * 10 ** 7)
