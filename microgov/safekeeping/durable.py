"""Files that are on the disk, and of which every byte is checked: a JSON document that holds its own sha256."""

import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from microgov.services.chassis.runtime.file_access import sync_folder

BLOCK = 1 << 20
_HASH = b'"sha256":"'


class Damaged(Exception):
    """A file is not what was written; the text names it and says what is wrong."""


def write_checked(path: Path, document: Mapping[str, Any]) -> None:
    """Writes the document whole or not at all, with the sha256 of all that stands before it as its last field."""
    text = orjson.dumps(document, option=orjson.OPT_INDENT_2)
    text = text.removesuffix(b"\n}") + b",\n  "
    text += _HASH + sha256(text).hexdigest().encode() + b'"\n}\n'
    beside = path.with_name(f".{path.name}.new")
    with beside.open("wb") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(path)
    sync_folder(path.parent)


def read_checked(path: Path) -> dict[str, Any]:
    """The document in the file, without its sha256. Raises Damaged."""
    text = path.read_bytes()
    at = text.rfind(_HASH)
    before, tail = text[:at], text[at:]
    if at < 0 or tail != _HASH + sha256(before).hexdigest().encode() + b'"\n}\n':
        raise Damaged(f"{path}: not what was written (sha256 differs)")
    found: dict[str, Any] = orjson.loads(text)
    del found["sha256"]
    return found


def sha256_of(path: Path) -> str:
    """The sha256 of a file, as it is on the disk."""
    found = sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            found.update(block)
    return found.hexdigest()
