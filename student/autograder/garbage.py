"""Lets a process of ours spend less on Python's search for garbage.

With torch imported, each look through everything takes a tenth of a second and finds next to nothing: what
imports make stays. Python looks several times while it imports torch, and again, for nothing, as it ends.
"""

from __future__ import annotations

import atexit
import gc


def look_seldom() -> None:
    """Look for garbage less often in this process, and not at all as it ends.

    For processes whose main program is ours, before they import torch: a third of what `import torch` and
    the end take together goes into looking. Objects that refer to each other in a circle stay a little
    longer; everything else goes as soon as nothing refers to it.
    """
    gc.set_threshold(50_000, 20, 20)
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)  # what is frozen is not looked at; registered first, it comes last
