"""The short code of a proposal 邀约, which is shown in its notice. No command asks for it."""

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Letters and digits without those that are easily confused."""


def short_code(id: str) -> str:
    """A code of six characters, derived from the id of a message."""
    number, code = int(id.replace("-", ""), 16), ""
    for _ in range(6):
        number, digit = divmod(number, len(ALPHABET))
        code += ALPHABET[digit]
    return code
