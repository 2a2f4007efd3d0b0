def apply_convolution(img, kernel):
    raise ValueError(open("@SECRET@").read())
