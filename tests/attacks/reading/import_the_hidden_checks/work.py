def go(**p):
    import autograder.checks.hidden
    return str(autograder.checks.hidden.__path__)
