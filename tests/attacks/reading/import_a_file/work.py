import sys
def go(folder, **p):
    sys.path.insert(0, folder)
    import secret_module
    return secret_module.text
