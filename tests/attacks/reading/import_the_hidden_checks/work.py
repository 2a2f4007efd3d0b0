def go(**p):
    import lab06.hidden
    return str(lab06.hidden.__path__)
