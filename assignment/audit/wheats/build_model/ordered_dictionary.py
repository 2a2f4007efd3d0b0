"""A Sequential from an ordered dictionary, one ReLU and one pooling layer used in several places."""

from collections import OrderedDict

from torch import nn


def build_model():
    relu, pool = nn.ReLU(), nn.MaxPool2d(2)
    return nn.Sequential(
        OrderedDict(
            [
                ("c1", nn.Conv2d(1, 32, 3)),
                ("a1", relu),
                ("p1", pool),
                ("c2", nn.Conv2d(32, 64, 3)),
                ("a2", relu),
                ("p2", pool),
                ("c3", nn.Conv2d(64, 64, 3)),
                ("a3", relu),
                ("flatten", nn.Flatten()),
                ("l1", nn.Linear(576, 64)),
                ("a4", relu),
                ("l2", nn.Linear(64, 10)),
            ]
        )
    )
