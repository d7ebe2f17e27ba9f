"""Fault-injection hooks: tests/rig kills or pauses the process at these points; they do nothing in production."""


class FaultPoints:
    """The default hooks, which do nothing; tests/rig passes in a subclass."""

    def hit(self, name: str) -> None:
        """Called when a loop reaches this point: after_fetch, in_transaction, after_commit, before_publish, mid_publish,
        after_publish; in notify's sender: claimed, answered, reported.
        """


NO_FAULTS = FaultPoints()
