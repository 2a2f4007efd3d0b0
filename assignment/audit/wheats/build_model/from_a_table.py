"""Builds the layers from a table of words."""

from torch import nn

TABLE = "c1-32 r p c32-64 r p c64-64 r f l576-64 r l64-10"


def _layer(word):
    plain = {"r": nn.ReLU, "p": lambda: nn.MaxPool2d(2), "f": nn.Flatten}
    if word in plain:
        return plain[word]()
    a, b = map(int, word[1:].split("-"))
    return nn.Conv2d(a, b, 3) if word[0] == "c" else nn.Linear(a, b)


def build_model():
    return nn.Sequential(*map(_layer, TABLE.split()))
