import inspect, sys
def go(**p):
    return inspect.getsource(sys.modules['sandbox_probes'])
