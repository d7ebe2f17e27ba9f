"""Copies a folder with mode, times and owner of every file, synced to disk; digests allow a comparison."""

import os
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from microgov.services.chassis.errors import Problem
from microgov.services.chassis.runtime.file_access import copy_owner, sync_folder

BLOCK_SIZE = 1 << 20
OnBytes = Callable[[int], None]
"""Callback that is called with the number of bytes that were just read or copied."""


def files(root: Path) -> list[Path]:
    """Every file, relative to the folder. Raises Problem for anything but files and folders."""
    found = sorted(root.rglob("*"))
    for path in found:
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise Problem(
                f"{path} 既不是文件也不是文件夹（例如是一个链接），无法照样复制。请把它所指的内容放到它的位置。",
                f"{path} is neither a file nor a folder (a link, for instance) and cannot be copied as it is. "
                "Put what it points to in its place.",
            )
    return [path.relative_to(root) for path in found if path.is_file()]


def total_size(root: Path) -> int:
    """The size of all files in bytes."""
    return sum((root / file).stat().st_size for file in files(root))


def copy(root: Path, to: Path, on_bytes: OnBytes) -> dict[str, str]:
    """Copies a folder; returns the sha256 of each file by name. `to` is created, or holds nothing of the same name."""
    folders = [root, *(path for path in sorted(root.rglob("*")) if path.is_dir())]
    for folder in folders:
        (to / folder.relative_to(root)).mkdir(mode=0o700, exist_ok=folder == root)
    copied = {str(file): _copy_file(root / file, to / file, on_bytes) for file in files(root)}
    for folder in reversed(folders):
        made = to / folder.relative_to(root)
        shutil.copystat(folder, made)
        copy_owner(made, folder)
        sync_folder(made)
    return copied


def _copy_file(file: Path, to: Path, on_bytes: OnBytes) -> str:
    found = sha256()
    with (
        file.open("rb") as source,
        os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as made,
    ):
        while part := source.read(BLOCK_SIZE):
            made.write(part)
            found.update(part)
            on_bytes(len(part))
        made.flush()
        os.fsync(made.fileno())
        _drop_from_cache(made.fileno())
    shutil.copystat(file, to)
    copy_owner(to, file)
    return found.hexdigest()


def digests(root: Path, on_bytes: OnBytes) -> dict[str, str]:
    """The sha256 of each file of the folder by name, as it is on disk now."""
    found = {}
    for file in files(root):
        one = sha256()
        with (root / file).open("rb") as source:
            while part := source.read(BLOCK_SIZE):
                one.update(part)
                on_bytes(len(part))
        found[str(file)] = one.hexdigest()
    return found


def differing_files(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """Names of files that are missing on one side or have other contents."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def _drop_from_cache(file: int) -> None:
    """Drops the file from the page cache, so that reading it again reads the disk."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
