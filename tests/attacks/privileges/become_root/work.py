import os
def go(**p):
    if os.getuid() == 0: return 0
    os.setuid(0)
