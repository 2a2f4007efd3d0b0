"""The convolution as a matrix, made once."""

import torch


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    (h, w), (r, s) = img.shape, kernel.shape
    matrix = torch.zeros((h - r + 1) * (w - s + 1), h * w, dtype=img.dtype)
    for a in range(h - r + 1):
        for b in range(w - s + 1):
            for k in range(r):
                matrix[a * (w - s + 1) + b, (a + k) * w + b : (a + k) * w + b + s] = kernel[k]
    x, losses = img.reshape(-1).clone(), []
    for _ in range(steps):
        y = matrix @ x
        losses.append(float(y.dot(y)))
        x = x + 2 * step_size * (matrix.T @ y)
    return x.reshape(h, w), losses
