"""Reads and writes the few files beside the databases: errors are explained to the operator, and a file is written whole
or not at all.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

from microgov.services.chassis.errors import Problem


def text_of(path: Path) -> str | None:
    """The content of the file; None if there is none. Raises Problem if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8"
        raise Problem(
            f"无法读取 {path}（{why}）。请以启动服务的用户身份运行，或更改该文件的权限。",
            f"Cannot read {path} ({why}). Run this as the user who started the services, or let it be read.",
        ) from error


def secret_in(path: Path) -> str:
    """The secret in the file. Raises Problem if there is no such file."""
    found = text_of(path)
    if found is None:
        raise Problem(
            f"缺少 {path}。请用 `microgov secrets make` 生成所缺的密钥，或从副本恢复。",
            f"{path} is missing. `microgov secrets make` makes what is missing; or restore it from a copy.",
        )
    return found.strip()


def replace_whole(path: Path, text: str, mode: int = 0o644) -> None:
    """Writes the file whole or not at all. An existing file keeps its mode and owner. A new one gets this mode, and the
    owner of its folder if this user may change owners. Raises Problem.
    """
    beside = path.with_name(f".{path.name}.new")
    try:
        there = path.exists()
        beside.unlink(missing_ok=True)
        with os.fdopen(
            os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        beside.chmod(stat.S_IMODE(path.stat().st_mode) if there else mode)
        copy_owner(beside, path if there else path.parent)
        beside.replace(path)
    except OSError as error:
        raise Problem(
            f"无法写入 {path}（{error.strerror}）。请以启动服务的用户身份运行，或更改其权限。",
            f"Cannot write {path} ({error.strerror}). Run this as the user who started the services, or make it "
            "writable.",
        ) from error


def folder_of(path: Path, mode: int = 0o755) -> Path:
    """Returns the folder. A missing folder is made and gets the owner of its parent folder."""
    if not path.exists():
        path.mkdir(parents=True, exist_ok=True, mode=mode)
        copy_owner(path, path.parent)
    return path


def copy_owner(path: Path, like: Path) -> None:
    """Changes the owner of `path` to that of `like`: a command may run as another user (in a container), and the services
    must still be able to read its files.
    """
    wanted, now = like.stat(), path.stat()
    if (wanted.st_uid, wanted.st_gid) != (now.st_uid, now.st_gid):
        with suppress(PermissionError):  # without the permission to change owners, this user stays the owner
            os.chown(path, wanted.st_uid, wanted.st_gid)


def sync_folder(folder: Path) -> None:
    """Returns once the names in the folder are on the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
