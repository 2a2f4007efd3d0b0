import ctypes
import time


def go(**places):
    c = ctypes.CDLL(None)
    made, thread = 0, ctypes.c_ulong()
    attributes = ctypes.create_string_buffer(64)
    c.pthread_attr_init(attributes)
    c.pthread_attr_setstacksize(attributes, ctypes.c_size_t(16384))
    c.pthread_attr_setguardsize(attributes, ctypes.c_size_t(0))
    pause = ctypes.cast(c.pause, ctypes.c_void_p)
    while made < 3000 and not c.pthread_create(ctypes.byref(thread), attributes, pause, None):
        made += 1
    time.sleep(0.5)
    return 1 if made <= 64 else made
