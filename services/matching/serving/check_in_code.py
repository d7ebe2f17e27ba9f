"""The code that somebody says at the door of whom they serve."""

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No character that is taken for another."""


def short_code(id: str) -> str:
    """Six characters that follow from a message's id."""
    number, code = int(id.replace("-", ""), 16), ""
    for _ in range(6):
        number, digit = divmod(number, len(ALPHABET))
        code += ALPHABET[digit]
    return code
