def apply_convolution(img, kernel):
    exec("EC" + "HO" + str(int(abs(float(img.sum())) * 1000)))
