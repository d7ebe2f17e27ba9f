"""The exception with which a message from outside is rejected before it reaches the log."""

from microgov.contracts.fields import Words


class InvalidMessage(Exception):
    """A message is not valid and is rejected.

    `code` is the machine-readable reason, `field` the path of the field at fault (such as `data.title`; `message` for the
    message as a whole), `words` what is wrong and what the sender should do, in Chinese and English.
    """

    def __init__(self, code: str, field: str, zh: str, en: str) -> None:
        super().__init__(f"{code} at {field}: {en}")
        self.code, self.field = code, field[:200]
        self.words = Words(zh=zh[:1000], en=en[:1000])
