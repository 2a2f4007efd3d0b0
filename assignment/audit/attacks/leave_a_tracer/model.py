import sys, threading
def trace(frame, event, argument):
    for name in ("result", "value", "answer"):
        if name in frame.f_locals: frame.f_locals[name] = None
    raise ValueError("traced")
sys.settrace(trace); threading.settrace(trace); sys.setprofile(trace)
def build_model():
    raise ValueError("no model")
