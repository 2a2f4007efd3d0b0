"""All weights in one ParameterDict and functional layers."""

import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        layers = {
            "conv1": nn.Conv2d(1, 32, 3),
            "conv2": nn.Conv2d(32, 64, 3),
            "conv3": nn.Conv2d(64, 64, 3),
            "fc1": nn.Linear(576, 64),
            "fc2": nn.Linear(64, 10),
        }
        self.p = nn.ParameterDict()
        for name, layer in layers.items():
            self.p[f"{name}_w"] = layer.weight
            self.p[f"{name}_b"] = layer.bias

    def forward(self, x):
        p = self.p
        x = F.max_pool2d(F.relu(F.conv2d(x, p["conv1_w"], p["conv1_b"])), 2)
        x = F.max_pool2d(F.relu(F.conv2d(x, p["conv2_w"], p["conv2_b"])), 2)
        x = F.relu(F.conv2d(x, p["conv3_w"], p["conv3_b"]))
        x = F.relu(F.linear(x.flatten(1), p["fc1_w"], p["fc1_b"]))
        return F.linear(x, p["fc2_w"], p["fc2_b"])


def build_model():
    return Net()
