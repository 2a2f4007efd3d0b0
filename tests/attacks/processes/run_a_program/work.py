import subprocess
def go(**p):
    return subprocess.check_output(['id'])
