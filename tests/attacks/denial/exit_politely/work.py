import sys
def go(**p):
    sys.exit(0)
