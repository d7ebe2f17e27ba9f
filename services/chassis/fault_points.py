"""Named places in the loops where the rig may make a fault happen; outside the rig nothing happens there."""


class FaultPoints:
    """Empty: the rig passes in another one."""

    def hit(self, name: str) -> None:
        """The loop is at this place: after_fetch, in_transaction, after_commit, mid_publish, after_publish; notify's sender:
        claimed, answered, reported."""


NO_FAULTS = FaultPoints()
