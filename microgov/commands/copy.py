"""`microgov copy`: a copy of a stopped installation, which is verified before it gets its final name."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, NamedTuple

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from microgov.client import idle
from microgov.client.connection import COMPOSE, Misuse, connection_settings, data_folder, local_broker_url
from microgov.commands.base import Json, Lang, echo, err, examples, finish, out, print_as_json
from microgov.copying import checks, tree
from microgov.copying.back import restore
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.runtime.settings import Settings

EXAMPLES = examples(
    "microgov copy ../copy-of-monday",
    "MICROGOV_VAR=../copy-of-monday make up",
    f'{COMPOSE} stop; {COMPOSE} run --rm -v "$PWD:/files" copy copy-of-monday',
)
VOLUMES = Path("/volumes")
"""Where the volumes of the installation are mounted in compose's service `copy`."""
Step = Callable[[str, str], tree.OnBytes]


class CopyFinding(NamedTuple):
    """The size of a copy, and what its verification has found."""

    files: int
    bytes: int
    databases: int
    streams: dict[str, int]
    findings: list[str]


def copy(
    folder: Annotated[
        Path, typer.Argument(help="the folder for the copy, which must be empty or not exist · 目标文件夹")
    ],
    back: Annotated[
        bool, typer.Option("--back", help="restore the copy into empty volumes (compose) · 放回空卷")
    ] = False,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Copies all data of a stopped installation and verifies the copy: files, databases, every log · 完整副本"""
    compose, to = connection_settings().compose, folder.resolve()
    root, store = (VOLUMES, "nats") if compose else (data_folder().resolve(), "nats/store")
    if back:
        return _back(to, root, compose, lang, json)
    _check_folders(root, to, store, compose)
    with idle.postgres_shut_down(root / "postgres") if compose else idle.hold_lock(root):
        asyncio.run(idle.check_no_broker(_settings_of(root, compose)))
        found = _copy_and_verify(root, to, store)
    if json:
        print_as_json({"ok": not found.findings, "folder": str(to), **found._asdict()})
    else:
        _show_result(found, to, compose, lang)
    finish(not found.findings)


def _back(copy: Path, root: Path, compose: bool, lang: str | None, json: bool) -> None:
    if not compose:
        raise Misuse(
            f"只有 compose 的卷需要放回；`make up` 可直接使用副本：MICROGOV_VAR={copy} make up。",
            f"Only compose's volumes need that; `make up` goes on from a copy: MICROGOV_VAR={copy} make up.",
        )
    count = restore(copy, root)
    if json:
        print_as_json({"ok": True, "folder": str(copy), "files": count})
    else:
        echo(
            f"已放回 {count} 个文件，逐一核对一致。启动：{COMPOSE} up --wait",
            f"{count} files are back, each read again and the same. Start: {COMPOSE} up --wait",
            lang,
            "green",
        )


def _settings_of(root: Path, compose: bool) -> Settings:
    """The settings of the installation in `root`, whatever the environment variables say."""
    settings = connection_settings()
    url = local_broker_url(root)
    return (
        settings
        if compose or url is None
        else settings.model_copy(update={"nats_url": url, "secrets": root / "secrets"})
    )


def _check_folders(root: Path, to: Path, store: str, compose: bool) -> None:
    if compose and not (root / store).is_dir():
        typed = f'{COMPOSE} run --rm -v "$PWD:/files" copy {to.name}'
        raise Misuse(f"请用服务 copy：`{typed}`。", f"The service `copy` has the volumes: `{typed}`.")
    if not (root / store).is_dir():
        raise Misuse(
            f"{root} 中没有可复制的服务。请在运行 `make up` 的文件夹中运行，或用 MICROGOV_VAR 指定。",
            f"There is no installation in {root} to copy. Run this in the folder of `make up`, or name its data by "
            "MICROGOV_VAR.",
        )
    if to == root or root in to.parents or to in root.parents:
        raise Misuse(
            f"副本不能放在 {root} 之内或包含它。请另选文件夹。",
            f"A copy lies neither inside of {root} nor around it. Choose another folder.",
        )
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise Misuse(
            f"{to} 已有内容，不会覆盖。请另选文件夹。",
            f"There is something in {to} already, and nothing is overwritten. Choose another folder.",
        )


def _copy_and_verify(root: Path, to: Path, store: str) -> CopyFinding:
    """Copies to a folder beside `to`, and renames it once it is verified, so that a folder of that name is complete."""
    to.parent.mkdir(parents=True, exist_ok=True)
    size = tree.total_size(root)
    _check_space(to.parent, size + tree.total_size(root / store))
    beside = to.with_name(f".{to.name}.part")
    if beside.exists():
        shutil.rmtree(beside)
    try:
        with _steps(size) as step:
            copied = tree.copy(root, beside, step("复制", "copying"))
            for side, what in (
                (beside, ("核对副本", "reading the copy")),
                (root, ("核对原件", "reading the original")),
            ):
                if wrong := tree.differing_files(copied, tree.digests(side, step(*what))):
                    raise Problem(
                        f"{side} 与复制时不同：{'、'.join(wrong[:5])}。请确认无人使用，再试一次。",
                        f"{side} is not what was copied: {', '.join(wrong[:5])}. See that nobody uses it, and try "
                        "again.",
                    )
            found = CopyFinding(
                len(copied), size, *_verify(beside, store, step("检查内容", "looking into it"))
            )
        beside.chmod(0o700)  # whatever the modes inside are: it holds the secrets, too
        beside.rename(to)
        return found
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _check_space(folder: Path, wanted: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < wanted:
        raise Problem(
            f"{folder} 空间不足：需要 {wanted >> 20} MB，剩余 {free >> 20} MB。",
            f"{folder} is too small: it takes {wanted >> 20} MB, {free >> 20} MB are free.",
        )


def _verify(copied: Path, store: str, on_bytes: tree.OnBytes) -> tuple[int, dict[str, int], list[str]]:
    """Verifies databases and streams; works on further copies, so that the copy itself is not changed."""
    databases, findings, known = sorted(copied.rglob("*.sqlite")), list[str](), dict[str, int]()
    with TemporaryDirectory(dir=copied.parent, prefix=".looking-") as folder:
        scratch = Path(folder)
        for file in databases:
            wrong, position = checks.database(file, scratch)
            findings += [f"{file.parent.name}/{one}" for one in wrong]
            known[file.stem] = max(position, known.get(file.stem, 0))
            on_bytes(file.stat().st_size)
        broker_findings = asyncio.run(checks.broker(copied / store, scratch))
        on_bytes(tree.total_size(copied / store))
    for tenant, position in known.items():
        if position > (last := broker_findings.streams.get(f"LOG-{tenant}", 0)):
            findings.append(f"LOG-{tenant}: {last} messages, but a database knows of {position}")
    return len(databases), broker_findings.streams, findings + broker_findings.findings


@contextmanager
def _steps(size: int) -> Iterator[Step]:
    """Shows a progress bar for each step, on a terminal."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as shown:

        def step(zh: str, en: str) -> tree.OnBytes:
            task = shown.add_task(f"{zh} · {en}", total=size)
            return lambda more: shown.advance(task, more)

        yield step


def _show_result(found: CopyFinding, to: Path, compose: bool, lang: str | None) -> None:
    size = f"{found.bytes / 1e6:.1f} MB"
    echo(
        f"已复制 {found.files} 个文件（{size}），副本与原件逐一核对一致；查过 {found.databases} 个数据库。",
        f"{found.files} files ({size}), each read again on both sides and the same; {found.databases} databases were "
        "looked into.",
        lang,
    )
    for name, count in found.streams.items():
        echo(f"  {name}：{count} 条", f"{count} messages", lang, "dim")
    for finding in found.findings:
        out.print(finding, style="red")
    if found.findings:
        echo(
            f"{to} 与原件完全相同，但原件有上述问题。",
            f"{to} is what the installation is, but the installation itself has these faults.",
            lang,
            "red",
        )
        return
    echo(f"副本完好：{to}", f"The copy is whole: {to}", lang, "green")
    if not compose:
        echo(
            f"在副本上启动：MICROGOV_VAR={to} make up",
            f"To start on it: MICROGOV_VAR={to} make up",
            lang,
            "dim",
        )
