import os
def go(**p):
    os.execv('/bin/sh', ['sh'])
