def go(**p):
    group = ValueError("x")
    for _ in range(2000):
        group = ExceptionGroup("x" * 100, [group])
    raise group
