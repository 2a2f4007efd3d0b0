import torch
torch.inference_mode().__enter__()
torch.set_default_dtype(torch.float16)
def build_model():
    raise ValueError("no model")
