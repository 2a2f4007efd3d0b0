"""Exercise 1: the network."""

from __future__ import annotations

from torch import nn


def build_model() -> nn.Module:
    """Build the CNN that classifies hand-written digits (question q1_1).

    The model maps a batch of images of shape (N, 1, 28, 28), values in [0, 1], to a tensor of shape (N, 10)
    with one raw score (logit) for each digit: there is no softmax at the end. Its layers, in this order:

    1. convolution with 32 filters of size 3 x 3, ReLU            (given)
    2. max pooling with a window of size 2                        (given)
    3. convolution with 64 filters of size 3 x 3, ReLU
    4. max pooling with a window of size 2
    5. convolution with 64 filters of size 3 x 3, ReLU
    6. flatten: one row of 576 numbers for each image
    7. fully connected layer from 576 to 64 features, ReLU
    8. fully connected layer from 64 to 10 features

    Convolutions have a bias, no padding and stride 1. That makes 93,322 trainable parameters. The output is
    the same in training and in evaluation mode. Every call returns a new, trainable model; two calls share
    nothing. Its weights begin as PyTorch's layers do by default: where you write a layer yourself, give it
    weights of both signs whose spread is within a factor of 2 of that.
    """
    layers: list[nn.Module] = [
        nn.Conv2d(in_channels=1, out_channels=32, kernel_size=3),
        nn.ReLU(),
        nn.MaxPool2d(kernel_size=2),
    ]
    #!TAG HWBEGIN
    #!MSG TODO: Add the other layers to `layers`:
    #!MSG 1. Convolution with 64 filters of size 3 x 3 and ReLU activation.
    #!MSG 2. Max pooling with a window of size 2.
    #!MSG 3. Convolution with 64 filters of size 3 x 3 and ReLU activation.
    #!MSG 4. Flatten the data. Hint: look up nn.Flatten.
    #!MSG 5. Fully connected layer with 576 input and 64 output features and ReLU activation.
    #!MSG 6. Fully connected output layer with 10 output features.
    layers += [
        nn.Conv2d(in_channels=32, out_channels=64, kernel_size=3),
        nn.ReLU(),
        nn.MaxPool2d(kernel_size=2),
        nn.Conv2d(in_channels=64, out_channels=64, kernel_size=3),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(in_features=576, out_features=64),
        nn.ReLU(),
        nn.Linear(in_features=64, out_features=10),
    ]
    #!TAG HWEND
    return nn.Sequential(*layers)
