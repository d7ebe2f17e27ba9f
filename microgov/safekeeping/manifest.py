"""What a backup holds: the file `manifest.json` of its folder, written last."""

from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from microgov.safekeeping.durable import Damaged, read_checked, write_checked

FORMAT = 1
MANIFEST = "manifest.json"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class FileInBackup(_Part):
    """A file: its size in bytes, and its sha256."""

    size: int
    sha256: str


class DatabaseInBackup(_Part):
    """A service's database for a tenant: its revision, where its readers were, each writer's next number, and how many rows
    of each kept table are in the backup. `one_by_one`: the name of the file whose rows are sealed one by one.
    """

    revision: str
    readers: dict[str, int]
    writers: dict[str, int]
    rows: dict[str, int]
    one_by_one: str


class StreamInBackup(_Part):
    """A stream: its generation, the first sequence that it held, the last one that the backup holds, the folder of its parts
    and their names; for each publisher who reads it, the sequence up to which it has acknowledged everything.
    """

    generation: int
    first: int
    end: int
    folder: str
    parts: list[str]
    read_up_to: dict[str, int]


class Manifest(_Part):
    """A backup. `began` and `ended` are UTC. `version`: the version of microgov. `tenants`: name → whether its clock is
    simulated. `ends_before`: tenant → the last sequence of its log before its databases were read. `databases`: by
    `SERVICE/TENANT`. `files`: every file, by its name relative to the folder of all backups.
    """

    format: int
    began: datetime
    ended: datetime
    version: str
    recipient: str
    tenants: dict[str, bool]
    ends_before: dict[str, int]
    databases: dict[str, DatabaseInBackup]
    streams: dict[str, StreamInBackup]
    files: dict[str, FileInBackup]

    @property
    def size(self) -> int:
        """How many bytes all files have, those that it shares with other backups included."""
        return sum(file.size for file in self.files.values())

    def write(self, folder: Path) -> None:
        """Writes the file into the folder of the backup."""
        write_checked(folder / MANIFEST, self.model_dump(mode="json"))


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the backup in this folder. Raises Damaged."""
    path = folder / MANIFEST
    try:
        found: dict[str, Any] = read_checked(path)
    except FileNotFoundError as error:
        raise Damaged(f"{path}: missing") from error
    if found.get("format") != FORMAT:
        raise Damaged(
            f"{path}: of format {found.get('format')}; this version of microgov reads {FORMAT} alone"
        )
    return Manifest.model_validate(found)
