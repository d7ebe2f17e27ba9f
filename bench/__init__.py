"""Measures how fast microgov is. In the same run it measures a naive service and a hand-written pipeline, to compare
with.
"""
