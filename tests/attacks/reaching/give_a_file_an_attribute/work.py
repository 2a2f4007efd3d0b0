import os
def go(secret, **p):
    os.setxattr(secret, "user.mark", b"x")
