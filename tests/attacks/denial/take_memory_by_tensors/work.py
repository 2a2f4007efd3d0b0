import torch
def go(**p):
    x = []
    while True: x.append(torch.ones(10 ** 7))
