"""A ModuleList of convolutions and one of linear layers, walked in loops."""

import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, channels=(1, 32, 64, 64), features=(576, 64, 10)):
        super().__init__()
        self.linears = nn.ModuleList(nn.Linear(a, b) for a, b in zip(features, features[1:]))
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3) for a, b in zip(channels, channels[1:]))

    def forward(self, x):
        for n, conv in enumerate(self.convs):
            if n:
                x = F.max_pool2d(x, 2)
            x = conv(x).relu()
        x = x.flatten(1)
        for linear in self.linears[:-1]:
            x = linear(x).relu()
        return self.linears[-1](x)


def build_model():
    return Net()
