"""Garbage collection: objects that exist after the start are never examined again, and young objects less often.

A batch makes some ten thousand objects that all go at its end. Python by default examines them every 700 allocations,
which costs a fifth of the time.
"""

import gc


def freeze_heap() -> None:
    """Call it once, after everything is imported."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(500_000, 20, 50)
