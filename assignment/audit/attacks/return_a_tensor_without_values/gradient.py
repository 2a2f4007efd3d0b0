import torch
def conv_gradient_wrt_input(dloss_dy, kernel):
    return torch.sparse_coo_tensor(size=[y + k - 1 for y, k in zip(dloss_dy.shape, kernel.shape)])
