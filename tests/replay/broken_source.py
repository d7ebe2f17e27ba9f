"""Replays a recording by a copy of the services whose source is broken on purpose.

`python -m tests.replay.broken_source RECORDING DATABASES EDITS`, in a process of its own: EDITS is JSON, a list of [file,
old, new]. The files are patched while they are imported; nothing is written. Prints the report of the replay as JSON.
"""

import importlib.abc
import importlib.machinery
import json
import sys
from importlib.abc import MetaPathFinder
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[2]


class PatchedLoader(importlib.machinery.SourceFileLoader):
    """Imports a file with some of its lines replaced."""

    edits: list[tuple[str, str]]

    def get_data(self, path: str) -> bytes:
        data = super().get_data(path)
        if not path.endswith(".py"):
            raise OSError("no compiled file of a patched source")
        text = data.decode()
        for old, new in self.edits:
            assert old in text, f"{path} does not contain {old!r}"
            text = text.replace(old, new, 1)
        return text.encode()


class PatchedFinder(MetaPathFinder):
    """Finds the modules that are to be patched; `edits`: real path of a file → what to replace in it."""

    def __init__(self, edits: dict[Path, list[tuple[str, str]]]) -> None:
        self.edits = edits

    def find_spec(self, name: str, path: Any, target: ModuleType | None = None) -> Any:
        found = importlib.machinery.PathFinder.find_spec(name, path, target)
        file = Path(found.origin).resolve() if found and found.origin else None
        if found is None or file not in self.edits:
            return None
        loader = PatchedLoader(name, str(found.origin))
        loader.edits = self.edits[file]
        found.loader = loader
        return found


def main(recording: str, databases: str, edits: list[list[str]]) -> None:
    """Patches, replays, prints."""
    by_file: dict[Path, list[tuple[str, str]]] = {}
    for file, old, new in edits:
        by_file.setdefault((ROOT / file).resolve(), []).append((old, new))
    sys.meta_path.insert(0, PatchedFinder(by_file))

    from microgov.services.chassis.recording import recording as recordings
    from microgov.testing.replay import Replay, urls_of

    with TemporaryDirectory() as folder:
        replay = Replay(
            recordings.read(Path(recording)),
            {name: urls_of(name, Path(folder)) for name in databases.split(",")},
        )
        print(json.dumps({"problems": replay.problems, **replay.report.as_json()}, default=str))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))
