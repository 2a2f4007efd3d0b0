import re
def go(**p):
    return re.match("(a+)+$", "a" * 60 + "b")
