def conv_gradient_wrt_input(dloss_dy, kernel):
    raise NotImplementedError
