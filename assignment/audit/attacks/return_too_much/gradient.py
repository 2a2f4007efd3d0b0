def conv_gradient_wrt_input(dloss_dy, kernel):
    return [[0.0] * 9999] * 9999
