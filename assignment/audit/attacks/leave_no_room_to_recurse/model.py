import sys
sys.setrecursionlimit(60)
def build_model():
    raise ValueError("no model")
