"""Lazy layers that learn the number of their inputs from the first batch."""

from torch import nn


def build_model():
    return nn.Sequential(
        nn.LazyConv2d(32, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.LazyConv2d(64, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.LazyConv2d(64, 3),
        nn.ReLU(),
        nn.Flatten(),
        nn.LazyLinear(64),
        nn.ReLU(),
        nn.LazyLinear(10),
    )
