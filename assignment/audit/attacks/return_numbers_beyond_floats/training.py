def make_loss():
    return lambda logits, labels: 10 ** 5000
