"""Errors; the class decides what happens to the message or to the loop that failed (architecture.md §4.6).

Exception
├── model.Refused      a rule is broken: nothing changes, the sender gets a refusal
├── Again              the infrastructure failed: the loop restarts from the position, nothing is lost
│   ├── Away           the broker cannot be reached
│   ├── Fenced         another instance has taken over: stand by
│   ├── Denied         the broker refuses what was asked
│   ├── Hole           the log may have been read with a gap
│   └── ClockInDoubt   the machine's clock may be wrong (timekeeping.py)
├── LogDiffers         database and log do not belong together: stop, with what the operator must do
└── Problem            a person must do something first; the text says what, in Chinese and English
"""


class Again(Exception):
    """The infrastructure failed; the loop restarts from what the database holds."""


class Away(Again):
    """The broker cannot be reached. The loops do not log this error: the watchdog's pulse logs it once for all of them."""


class Fenced(Again):
    """Another instance has changed the position, the epoch or the lease."""


class Denied(Again):
    """The broker refuses a request, because its user has no permission for it."""


class Hole(Again):
    """A message may have been missed: everything after the position is read again."""


class LogDiffers(Exception):
    """Database and log disagree in a way that no retry can repair; the text says what to do."""


class Problem(Exception):
    """A person must do something before the program can continue; the text says what, in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{en} {zh}")
        self.zh, self.en = zh, en
