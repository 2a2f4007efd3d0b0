"""Every option by name, PyTorch's defaults spelt out."""

from torch.optim import RMSprop


def make_optimizer(model):
    return RMSprop(
        params=model.parameters(),
        lr=0.001,
        alpha=0.99,
        eps=1e-8,
        weight_decay=0.00001,
        momentum=0,
        centered=False,
    )
