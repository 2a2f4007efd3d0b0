"""Adds named modules to a Sequential one by one."""

from torch import nn


def build_model():
    model = nn.Sequential()
    channels = [1, 32, 64, 64]
    for n in range(3):
        model.add_module(f"conv{n}", nn.Conv2d(channels[n], channels[n + 1], 3))
        model.add_module(f"relu{n}", nn.ReLU(inplace=True))
        if n < 2:
            model.add_module(f"pool{n}", nn.MaxPool2d(2))
    model.add_module("flat", nn.Flatten())
    model.add_module("dense", nn.Linear(576, 64))
    model.add_module("relu3", nn.ReLU())
    model.add_module("logits", nn.Linear(64, 10))
    return model
