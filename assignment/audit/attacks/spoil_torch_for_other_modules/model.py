import torch
torch.sum = torch.Tensor.sum = torch.zeros = lambda *a, **k: torch.ones(1)
torch.Tensor.__mul__ = torch.Tensor.__add__ = lambda self, other: self
torch.nn.functional.cross_entropy = lambda *a, **k: torch.ones(())
def build_model():
    raise ValueError("no model")
