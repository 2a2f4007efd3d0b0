"""A ModuleDict, looked up by name."""

from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleDict(
            {
                "classify": nn.Linear(64, 10),
                "conv_a": nn.Conv2d(1, 32, 3),
                "conv_b": nn.Conv2d(32, 64, 3),
                "conv_c": nn.Conv2d(64, 64, 3),
                "dense": nn.Linear(576, 64),
                "relu": nn.ReLU(),
                "pool": nn.MaxPool2d(2),
                "flatten": nn.Flatten(),
            }
        )

    def forward(self, x):
        order = "conv_a relu pool conv_b relu pool conv_c relu flatten dense relu classify"
        for name in order.split():
            x = self.layers[name](x)
        return x


def build_model():
    return Net()
