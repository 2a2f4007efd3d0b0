"""The linear layers as einsum, the biases registered after all weights."""

import math

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(64, 64, 3), nn.ReLU(),
        )  # fmt: skip
        self.w1 = nn.Parameter(torch.randn(64, 576) / math.sqrt(576))
        self.w2 = nn.Parameter(torch.randn(10, 64) / math.sqrt(64))
        self.b1 = nn.Parameter(torch.zeros(64))
        self.b2 = nn.Parameter(torch.zeros(10))

    def forward(self, x):
        h = self.body(x).reshape(x.shape[0], -1)
        h = torch.einsum("ni,oi->no", h, self.w1).add(self.b1).clamp(min=0)
        return torch.einsum("ni,oi->no", h, self.w2) + self.b2


def build_model():
    return Net()
