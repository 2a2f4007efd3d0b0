def go(**p):
    for name in ("/dev/mem", "/proc/kcore", "/proc/self/mem"):
        try:
            open(name, "rb").read(1)
            return name
        except OSError:
            pass
    raise OSError("none")
