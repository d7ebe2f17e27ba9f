"""The life of an issue from submission to closing, with the branches of its course (declined, returned, on hold,
reopened).
"""
