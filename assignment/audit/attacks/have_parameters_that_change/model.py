import random, torch
class Model(torch.nn.Module):
    def named_parameters(self, *a, **k):
        return iter([(f"p{n}", torch.nn.Parameter(torch.randn(3))) for n in range(random.randrange(9))])
    def parameters(self, *a): return (p for _, p in self.named_parameters())
    def forward(self, x): return torch.zeros(len(x), 3)
def build_model():
    return Model()
