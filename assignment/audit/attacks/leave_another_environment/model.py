import os
for name in ("PYTHONPATH", "CONVLAB_ROOT", "LD_PRELOAD", "PYTEST_ADDOPTS"):
    os.environ[name] = os.environ.get("HOME", "/") + "/evil"
os.environ.clear()
def build_model():
    raise ValueError("no model")
