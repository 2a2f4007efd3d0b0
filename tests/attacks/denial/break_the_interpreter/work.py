import sys
def go(**p):
    sys.modules.clear()
    return 1
