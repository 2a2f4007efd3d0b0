def apply_convolution(img, kernel):
    return (row for row in img)
