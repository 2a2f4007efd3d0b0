import torch
def apply_convolution(img, kernel):
    kept = []
    while True:
        kept.append(torch.ones(10 ** 7))
