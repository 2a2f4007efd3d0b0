import sys
def go(**p):
    sys.set_int_max_str_digits(0)
    return str(10 ** 10 ** 7)
