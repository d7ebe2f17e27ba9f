"""The released schemas: a folder in git, to which versions are added and from which nothing is taken.

Version `0001` holds all schemas of its day. A later version holds those that are new, or mean something else than before;
any other schema is as the latest version before says. `SHA256SUMS` lists every file.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from microgov.contracts.compatibility.nodes import Schema, meaning
from microgov.contracts.fields import Words

FOLDER = Path(__file__).parents[1] / "released"
SUMS = "SHA256SUMS"
ACCEPTED = "accepted.toml"


class ReleasedSchema(NamedTuple):
    """A schema and the version in which it was released."""

    version: str
    schema: Schema


class Releases:
    """The folder of released schemas."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder

    @property
    def versions(self) -> list[str]:
        """The names of all versions, in order."""
        return sorted(path.name for path in self.folder.glob("*") if path.is_dir())

    def schemas(self) -> dict[str, list[ReleasedSchema]]:
        """All schemas ever released, by type, the earliest first."""
        found: dict[str, list[ReleasedSchema]] = {}
        for path in sorted(self.folder.glob("*/*.json")):
            schema = ReleasedSchema(path.parent.name, json.loads(path.read_text()))
            found.setdefault(path.stem, []).append(schema)
        return found

    def problems(self) -> list[Words]:
        """What is wrong with the folder: nothing released, a version missing, files that differ from the list."""
        return list(self._problems())

    def changed(self, today: Mapping[str, Schema]) -> dict[str, Schema]:
        """The schemas of today that are new, or mean something else than when they were released last."""
        latest = {name: versions[-1].schema for name, versions in self.schemas().items()}
        return {
            name: schema
            for name, schema in today.items()
            if name not in latest or meaning(schema, schema) != meaning(latest[name], latest[name])
        }

    def add(self, texts: Mapping[str, str]) -> str:
        """Writes the next version, a schema for each type. Returns its name."""
        version = f"{len(self.versions) + 1:04}"
        (self.folder / version).mkdir()
        lines = []
        for name, text in sorted(texts.items()):
            (self.folder / version / f"{name}.json").write_text(text)
            lines.append(f"{hashlib.sha256(text.encode()).hexdigest()}  {version}/{name}.json\n")
        with (self.folder / SUMS).open("a") as sums:
            sums.writelines(lines)
        return version

    def _problems(self) -> Iterator[Words]:
        versions = self.versions
        if not versions or not any(self.folder.glob("*/*.json")):
            yield Words(
                zh="contracts/released 中没有已发布的模式。请从 git 恢复该文件夹。",
                en="contracts/released holds no released schema. Restore the folder from git.",
            )
            return
        if versions != [f"{n + 1:04}" for n in range(len(versions))]:
            yield Words(
                zh=f"已发布的版本不连续：{'、'.join(versions)}。请从 git 恢复。",
                en=f"The released versions have a gap or another name: {', '.join(versions)}. Restore them from git.",
            )
        listed, there = self._listed(), self._there()
        for name in sorted(listed.keys() | there.keys()):
            if listed.get(name) != there.get(name):
                yield _differs(name, listed.get(name), there.get(name))

    def _listed(self) -> dict[str, str]:
        sums = self.folder / SUMS
        text = sums.read_text() if sums.exists() else ""
        return {name: found for found, name in re.findall(r"^([0-9a-f]{64})  (\S+)$", text, re.MULTILINE)}

    def _there(self) -> dict[str, str]:
        return {
            path.relative_to(self.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.folder.rglob("*")
            if path.is_file() and path.relative_to(self.folder).as_posix() not in (SUMS, ACCEPTED)
        }


def _differs(name: str, listed: str | None, there: str | None) -> Words:
    if there is None:
        return Words(
            zh=f"缺少已发布的 {name}。请从 git 恢复：已发布的模式不会消失。",
            en=f"The released {name} is missing. Restore it from git: nothing that is released goes away.",
        )
    if listed is None:
        return Words(
            zh=f"{name} 不在 {SUMS} 中。请删除；新版本请用 --release 添加。",
            en=f"{name} is not listed in {SUMS}. Remove it; a version is added with --release.",
        )
    return Words(
        zh=f"已发布的 {name} 被改动。请从 git 恢复：已发布的模式不会改变。",
        en=f"The released {name} was changed. Restore it from git: what is released does not change.",
    )
