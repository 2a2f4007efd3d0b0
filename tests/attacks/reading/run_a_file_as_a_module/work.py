import runpy
def go(folder, **p):
    return runpy.run_path(folder + "/secret_module.py")["text"]
