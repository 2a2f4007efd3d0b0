import os
def go(**p):
    return str([n for n in os.listdir('/proc') if n.isdigit()])
