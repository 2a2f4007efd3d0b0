"""Options bound with functools.partial and a dictionary."""

from functools import partial

from torch.optim import RMSprop

OPTIONS = {"lr": 10**-3, "weight_decay": 10**-5}


def make_optimizer(model):
    return partial(RMSprop, **OPTIONS)(model.parameters())
