"""Features and classifier as two Sequentials inside a third."""

from torch import nn


def build_model():
    features = nn.Sequential(
        nn.Sequential(nn.Conv2d(1, 32, (3, 3)), nn.ReLU(), nn.MaxPool2d(2)),
        nn.Sequential(nn.Conv2d(32, 64, (3, 3)), nn.ReLU(), nn.MaxPool2d(2)),
        nn.Sequential(nn.Conv2d(64, 64, (3, 3)), nn.ReLU()),
    )
    classifier = nn.Sequential(nn.Flatten(), nn.Linear(576, 64), nn.ReLU(), nn.Linear(64, 10))
    return nn.Sequential(features, classifier)
