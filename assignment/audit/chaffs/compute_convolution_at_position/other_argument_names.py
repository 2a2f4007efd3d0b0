"""Cannot be called by name."""

def compute_convolution_at_position(row, col, image, k):
    window = image[row - 1 : row - 1 + k.shape[0], col - 1 : col - 1 + k.shape[1]]
    return (window * k).sum()
