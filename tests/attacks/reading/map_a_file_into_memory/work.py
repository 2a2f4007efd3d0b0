import mmap
def go(secret, **p):
    with open(secret, "rb") as file:
        return bytes(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)).decode()
