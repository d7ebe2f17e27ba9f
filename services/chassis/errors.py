"""The fates of a message are three – done, refused, again – and these are the errors that decide between them.

Exception
├── model.Refused      a rule said no: the sender is told
├── Again              infrastructure failed: start again from the position, nothing is lost
│   ├── Away           the broker cannot be reached
│   ├── Fenced         somebody else is ahead of us: stand by
│   ├── Denied         the broker does not let us do it
│   ├── Hole           the log was not read whole
│   └── ClockInDoubt   the machine's clock is not believed (timekeeping.py)
├── LogDiffers         database and log do not belong together: stop and say what to do
└── Problem            a person must do something first, and is told so in both languages
"""


class Again(Exception):
    """Infrastructure failed; the loop starts again from what the database holds."""


class Away(Again):
    """The broker cannot be reached; whoever watches it says so once."""


class Fenced(Again):
    """The position or the lease is somebody else's now."""


class Denied(Again):
    """The broker does not let this user do what it asked."""


class Hole(Again):
    """A message may have been missed: whatever was read after the position is read again."""


class LogDiffers(Exception):
    """Database and log disagree in a way that no retry can mend; its text says what to do."""


class Problem(Exception):
    """What a person must do first, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{en} {zh}")
        self.zh, self.en = zh, en
