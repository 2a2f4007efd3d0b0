"""Each kernel element adds a shifted multiple of the whole output gradient."""


def conv_gradient_wrt_input(dloss_dy, kernel):
    h, w = dloss_dy.shape
    grad = dloss_dy.new_zeros(h + kernel.shape[0] - 1, w + kernel.shape[1] - 1)
    for k, row in enumerate(kernel):
        for l, element in enumerate(row):
            grad[k : k + h, l : l + w] += element * dloss_dy
    return grad
