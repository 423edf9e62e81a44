"""Python's garbage collector, kept out of the way of the start.

Importing and mounting make tens of thousands of objects that all stay: looking through them again and again
for garbage takes a fifth of the time to the first paint. Imports nothing but the standard library.
"""

import gc


def pause() -> None:
    """Collect nothing until `resume`."""
    gc.disable()


def resume() -> None:
    """Collect again, but never look at what is here now: it stays. Without a pause before, nothing changes."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
