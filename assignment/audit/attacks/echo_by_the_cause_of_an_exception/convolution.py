def apply_convolution(img, kernel):
    raise ValueError from KeyError("EC" + "HO" + str(img.tolist()))
