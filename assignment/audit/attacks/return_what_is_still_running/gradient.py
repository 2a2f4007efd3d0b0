async def conv_gradient_wrt_input(dloss_dy, kernel):
    return dloss_dy
