"""A lambda."""

move_to_device = lambda model, device: model.to(device)
