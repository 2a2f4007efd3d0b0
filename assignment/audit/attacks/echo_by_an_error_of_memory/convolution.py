def apply_convolution(img, kernel):
    raise MemoryError("EC" + "HO " + str(img.tolist()))
