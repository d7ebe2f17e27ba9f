"""`microgov rules`: shows and changes a tenant's rules; a file is checked line by line before anything is sent."""

import asyncio
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from microgov.client.connection import Misuse
from microgov.client.publisher import Client
from microgov.commands.base import (
    TENANT,
    Json,
    Lang,
    Tenant,
    echo,
    examples,
    finish,
    group,
    print_as_json,
    with_client,
)
from microgov.commands.differences import differences
from microgov.contracts.directory import ChangeRules
from microgov.contracts.fields import Part
from microgov.contracts.message import plain
from microgov.contracts.rules import SECTIONS, Rules
from microgov.contracts.validation.sentences import sentence
from microgov.services.chassis.errors import Problem

app = group("The rules of the tenant · 规则")
ADAPTER: TypeAdapter[Any] = TypeAdapter(Rules)
NAMES = tuple(str(section.model_fields["section"].default) for section in SECTIONS)
Current = dict[str, dict[str, Any]]
PATIENCE = 10.0
"""How many seconds to wait until the directory has folded changes that were just sent."""


@app.command(epilog=examples("microgov rules show", "microgov rules show deliberation > rules.yaml"))
def show(
    section: Annotated[
        str | None, typer.Argument(help=f"the section: one of {', '.join(NAMES)} · 节")
    ] = None,
    tenant: Tenant = TENANT,
    json: Json = False,
) -> None:
    """The rules in force, as YAML · 现行规则"""
    if section is not None and section not in NAMES:
        raise Misuse(
            f"没有“{section}”这一节。可用：{'、'.join(NAMES)}。",
            f"There is no section {section}. It can be {', '.join(NAMES)}.",
        )
    found = with_client(tenant, current)
    chosen = [found[name] for name in NAMES if name in found and section in (None, name)]
    if json:
        print_as_json(chosen)
    else:
        print(yaml.safe_dump_all(chosen, sort_keys=False, allow_unicode=True, explicit_start=True), end="")
    finish(bool(chosen))


@app.command(
    epilog=examples(
        "microgov rules apply rules.yaml --dry-run", "microgov rules apply deploy/examples/donghu"
    )
)
def apply(
    path: Annotated[
        Path, typer.Argument(help="a file with a YAML document for each section, or a folder · 文件或文件夹")
    ],
    dry_run: Annotated[bool, typer.Option(help="show the differences, change nothing · 只显示差异")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask for confirmation · 不再询问")] = False,
    tenant: Tenant = TENANT,
    lang: Lang = None,
) -> None:
    """Shows what will change, asks at a terminal, then changes it; sections not in the files stay as they are · 修改规则"""
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    documents = [(file, node) for file in files for node in documents_of(file)]
    if not documents:
        raise Problem(f"{path} 中没有规则。", f"There are no rules in {path}.")

    async def change(client: Client) -> bool:
        known, pairs = await current(client), list[tuple[dict[str, Any], Part]]()
        for file, node in documents:  # all are checked before any is shown or sent
            before, after = section_from(file, node, known)
            known[plain(after)["section"]] = plain(after)
            pairs.append((before, after))
        changed = [after for before, after in pairs if differences(before, plain(after), lang)]
        if dry_run or not changed or not (yes or _agreed()):
            return dry_run or not changed
        return all([await _send(client, after, lang) for after in changed])

    finish(with_client(tenant, change))


def _agreed() -> bool:
    """Whether the user agrees. Asks only at a terminal; without one the answer is yes."""
    return not sys.stdin.isatty() or typer.confirm("生效？ · Put them in force?")


async def current(client: Client) -> Current:
    """The sections in force, including changes that were sent just before."""
    end, until = await client.end(), time.monotonic() + PATIENCE
    while time.monotonic() < until:
        directory = await client.progress("directory", after=end)
        if directory is None or not (directory.lag or directory.outgoing):
            break
        await asyncio.sleep(0.02)
    return await client.rules()


class _Loader(yaml.SafeLoader):
    """A YAML loader that keeps a date as text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in some if tag != "tag:yaml.org,2002:timestamp"]
    for first, some in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def documents_of(file: Path) -> list[yaml.Node]:
    """The YAML documents of a file. Raises Problem if it has none."""
    try:
        nodes = [node for node in yaml.compose_all(file.read_text("utf-8"), _Loader) if node is not None]
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file} cannot be read: {error} · 无法读取") from error
    except yaml.YAMLError as error:
        raise Problem(f"{file} 不是有效的 YAML：{error}", f"{file} is no valid YAML: {error}") from error
    except RecursionError as error:
        raise Problem(
            f"{file} 嵌套太深，不是规则文件。", f"{file} is nested too deep to be a file of rules."
        ) from error
    if not nodes:
        raise Problem(f"{file} 中没有规则。", f"There are no rules in {file}.")
    return nodes


def section_from(file: Path, node: yaml.Node, known: Current) -> tuple[dict[str, Any], Part]:
    """The section in force, and the section that the file asks for. Raises Problem, which names file, line and field."""
    given = (
        yaml.constructor.SafeConstructor().construct_document(node)
        if isinstance(node, yaml.MappingNode)
        else None
    )
    name = given.get("section") if isinstance(given, dict) else None
    section = next((s for s in SECTIONS if s.model_fields["section"].default == name), None)
    if section is None or not isinstance(given, dict):
        zh, en = ("缺少此行，", "is missing; it ") if name is None else ("", "")
        raise _wrong(
            file,
            node,
            ("section",),
            f"{zh}须为 {'、'.join(NAMES)} 之一",
            f"{en}must be one of {', '.join(NAMES)}",
        )
    before, fields = known.get(str(name), {}), section.model_fields
    wrong = [
        _wrong(file, node, (field,), "不是已知的字段", f"is no field of the section {name}")
        for field in given
        if field not in fields
    ]
    try:
        after: Part = ADAPTER.validate_python(
            {**before, **{field: given[field] for field in given if field in fields}}
        )
    except ValidationError as error:
        wrong += [_fault(file, node, one) for one in error.errors(include_url=False)]
    if wrong:
        raise Problem("\n".join(one.zh for one in wrong), "\n".join(one.en for one in wrong))
    return before, after


def _fault(file: Path, node: yaml.Node, found: ErrorDetails) -> Problem:
    """The problem, in the sentence that the door would use, with file and line."""
    path = tuple(found["loc"][1:])
    if found["type"] == "value_error":
        return _wrong(file, node, path, found["msg"], found["msg"])
    _, zh, en = sentence(found, ".".join(str(part) for part in path))
    where = f"{file}:{line_of(node, path)}"
    return Problem(f"{where} {zh}", f"{where} {en}")


def _wrong(file: Path, node: yaml.Node, path: tuple[int | str, ...], zh: str, en: str) -> Problem:
    field = ".".join(str(part) for part in path)
    where = f"{file}:{line_of(node, path)}"
    return Problem(f"{where} {field}：{zh}", f"{where} {field}: {en}")


def line_of(node: yaml.Node, path: tuple[int | str, ...]) -> int:
    """The line of the file that holds the field, or the nearest one that exists."""
    line = node.start_mark.line + 1
    for part in path:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == part), None)
            if pair is None:
                return line
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line


async def _send(client: Client, after: Part, lang: str | None) -> bool:
    section = plain(after)["section"]
    receipt = await client.send(ChangeRules.model_validate({"content": after}), section, role="operator")
    if receipt.message is not None:
        echo(f"被拒绝：{receipt.message.zh}", f"Rejected: {receipt.message.en}", lang, "yellow")
        return False
    await client.reaction(receipt)
    echo(
        f"{client.tenant} 的规则“{section}”已生效（日志第 {receipt.log_seq} 条）。",
        f"The rules {section} of {client.tenant} are in force (from {receipt.log_seq} in the log on).",
        lang,
        "green",
    )
    return True
