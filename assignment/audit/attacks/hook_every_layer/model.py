import torch
def zero(module, inputs, output):
    return torch.zeros_like(output)
torch.nn.modules.module.register_module_forward_hook(zero)
def build_model():
    raise ValueError("no model")
