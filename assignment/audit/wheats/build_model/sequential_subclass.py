"""A subclass of Sequential with blocks that subclass it too."""

from torch import nn


class Block(nn.Sequential):
    def __init__(self, inputs, outputs, pool):
        last = [nn.MaxPool2d(2)] if pool else [nn.Identity()]
        super().__init__(nn.Conv2d(inputs, outputs, 3), nn.ReLU(), *last)


class Model(nn.Sequential):
    def __init__(self):
        super().__init__(
            Block(1, 32, True),
            Block(32, 64, True),
            Block(64, 64, False),
            nn.Flatten(1, -1),
            nn.Linear(576, 64),
            nn.ReLU(),
            nn.Linear(64, 10),
        )


def build_model():
    return Model()
