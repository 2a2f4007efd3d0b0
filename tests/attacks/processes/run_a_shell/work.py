import os
def go(folder, **p):
    return os.system(f'touch {folder}/new')
