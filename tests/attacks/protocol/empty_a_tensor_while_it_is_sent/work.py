import threading, torch
def go(**p):
    x = torch.ones(50_000)
    def spoil():
        for _ in range(1000):
            x.untyped_storage().resize_(0)
            x.untyped_storage().resize_(200_000)
    threading.Thread(target=spoil, daemon=True).start()
    return x
