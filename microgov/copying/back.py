"""Restores a copy into the empty volumes of compose, byte for byte as `microgov copy` made it."""

from pathlib import Path

from microgov.client.connection import COMPOSE, Misuse
from microgov.copying import tree
from microgov.services.chassis.errors import Problem

VOLUMES, SECRETS = ("nats", "postgres", "house"), "secrets"


def restore(copy: Path, root: Path) -> int:
    """Restores the copy without overwriting; returns the number of files. Raises Misuse if something is in the way."""
    for part in (*VOLUMES, SECRETS):
        if not (copy / part).is_dir():
            raise Misuse(
                f"{copy} 不是完整的副本：缺少 {part}。", f"{copy} is no whole copy: {part} is missing."
            )
    for part in VOLUMES:
        if (root / part).is_dir() and any((root / part).iterdir()):
            raise Misuse(
                f"卷 {part} 不是空的，不会覆盖。若确定不要其中的数据，先运行 `{COMPOSE} down -v`。",
                f"The volume {part} is not empty, and nothing is overwritten. If what it holds may go: "
                f"`{COMPOSE} down -v` first.",
            )
    wanted, there = (tree.digests(folder / SECRETS, lambda _: None) for folder in (copy, root))
    mine = {name: digest for name, digest in there.items() if name != ".gitignore"}
    if mine and tree.differing_files(
        mine, {name: digest for name, digest in wanted.items() if name != ".gitignore"}
    ):
        raise Misuse(
            "deploy/secrets 与副本中的密钥不同。请先把现有的移走。",
            "The secrets in deploy/secrets are others than those of the copy. Move them away first.",
        )
    if not mine:
        (root / SECRETS / ".gitignore").unlink(missing_ok=True)  # the copy contains this file
    return sum(_put(copy / part, root / part) for part in (*VOLUMES, *([] if mine else [SECRETS])))


def _put(folder: Path, to: Path) -> int:
    copied = tree.copy(folder, to, lambda _: None)
    if wrong := tree.differing_files(copied, tree.digests(to, lambda _: None)):
        names = ", ".join(wrong[:5])
        raise Problem(f"{to} 与副本不同：{names}。", f"{to} is not what the copy holds: {names}.")
    return len(copied)
