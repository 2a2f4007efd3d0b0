def go(**p):
    one, two = ValueError("a"), ValueError("b")
    one.__cause__, two.__cause__ = two, one
    raise one
