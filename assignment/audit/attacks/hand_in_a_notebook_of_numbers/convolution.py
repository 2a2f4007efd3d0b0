def apply_convolution(img, kernel):
    return img
