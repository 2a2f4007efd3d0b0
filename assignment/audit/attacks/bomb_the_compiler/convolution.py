x = ((((1 << 100) ** 100) ** 100) ** 100) ** 100


def apply_convolution(img, kernel):
    return img
