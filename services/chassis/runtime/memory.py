"""How the process handles garbage: what stands after the start stays, and young objects are looked at less often.

A batch makes some ten thousand objects that all go at its end; Python's default looks at them every 700 allocations,
which costs a fifth of the time.
"""

import gc


def freeze_heap() -> None:
    """Call once, after everything is imported."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(500_000, 20, 50)
