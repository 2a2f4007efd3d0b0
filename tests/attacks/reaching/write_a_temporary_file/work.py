import tempfile
def go(**p):
    return tempfile.mkdtemp()
