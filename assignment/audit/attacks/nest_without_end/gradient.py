def conv_gradient_wrt_input(dloss_dy, kernel):
    deep = 0.0
    for _ in range(10 ** 5):
        deep = (deep,)
    return deep
