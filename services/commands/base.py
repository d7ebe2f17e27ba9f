"""What the subcommands share: their options, how they run, how they speak, how they end."""

import asyncio
import csv
import json
import os
import sys
from collections.abc import Callable, Coroutine, Iterable
from typing import Annotated, Any, TypeVar

import nats.errors
import typer
from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from contracts.message import plain
from services.chassis.errors import Again
from services.client import Client
from services.gateway.publishers import Problem
from services.here import Away, Misuse, away, here
from services.words import LANGUAGES, Told, by_wall

DONE, REFUSED, USAGE, AWAY = 0, 1, 2, 3
CODES = (
    "\n\n**Exit codes · 退出码**: 0 done · 完成; 1 refused or not ready · 被拒绝或未就绪; 2 wrong usage · 用法错误; "
    "3 the broker is away · 连不上消息服务器."
)
T = TypeVar("T")

Tenant = Annotated[str, typer.Option("--tenant", "-t", envvar="MICROGOV_TENANT", help="the sub-district · 租户")]
Json = Annotated[bool, typer.Option("--json", help="for machines · 机器可读")]
Csv = Annotated[bool, typer.Option("--csv", help="for a spreadsheet · 表格文件")]
TENANT, DEMO = "donghu", "demo"

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def _language(given: str | None) -> str | None:
    if given is not None and given not in LANGUAGES:
        raise Misuse(f"--lang {given}：只能是 zh 或 en（未给出时取 MICROGOV_LANG）。",
                     f"--lang {given}: it can be zh or en (MICROGOV_LANG counts where it is not given).")
    return given


_LANG = typer.Option("--lang", envvar="MICROGOV_LANG", callback=_language, help="zh, en; both if not given · 语言")
Lang = Annotated[str | None, _LANG]


def examples(*lines: str) -> str:
    """The end of a command's help."""
    return "**Examples · 示例**\n\n" + "\n\n".join(f"    $ {line}" for line in lines) + CODES


def group(help: str) -> typer.Typer:
    """A group of subcommands."""
    return typer.Typer(help=help + CODES, no_args_is_help=True, rich_markup_mode="markdown")


def with_client(tenant: str, what: Callable[[Client], Coroutine[Any, Any, T]]) -> T:
    """Runs it with a client of this tenant; people read times by its wall clock."""

    async def run() -> T:
        async with Client(here(), tenant) as client:
            by_wall(await client.offset())
            return await what(client)

    return asyncio.run(run())


def finish(ok: bool) -> None:
    """Ends with 0 or 1."""
    raise typer.Exit(DONE if ok else REFUSED)


def ended(run: Callable[[], Any]) -> int:
    """Runs the command line; what goes wrong is one sentence in both languages, and a code."""
    try:
        run()
    except Away as problem:
        return complain(problem.zh, problem.en, AWAY)
    except Misuse as problem:
        return complain(problem.zh, problem.en, USAGE)
    except Problem as problem:
        return complain(problem.zh, problem.en, REFUSED)
    except (Again, nats.errors.Error, ConnectionError) as error:
        gone = away(here(), error)
        return complain(gone.zh, gone.en, AWAY)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        return complain(f"{where} 不符合要求：{first['msg']}", f"{where}: {first['msg']}", USAGE)
    except KeyboardInterrupt:
        return 130
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else USAGE
    return DONE


def complain(zh: str, en: str, code: int) -> int:
    """On standard error, in the language that was asked for."""
    for line in Told(zh, en).lines(os.environ.get("MICROGOV_LANG")):
        err.print(line, style="red", markup=False)
    return code


def bar() -> Progress:
    """A progress bar on standard error; nothing where that is no terminal."""
    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*shown, console=err, transient=True, disable=not err.is_terminal)


def say(zh: str, en: str, lang: str | None = None, style: str | None = None) -> None:
    """A sentence on standard output."""
    chosen = lang or os.environ.get("MICROGOV_LANG")
    text = Told(zh, en).lines(chosen if chosen in LANGUAGES else None)
    out.print(" · ".join(text), style=style, markup=False)


def machine(value: BaseModel | dict[str, Any] | list[Any]) -> None:
    """One line of JSON on standard output."""
    body = plain(value) if isinstance(value, BaseModel) else value
    print(json.dumps(body, ensure_ascii=False, default=str), flush=True)


def one_way(json: bool, csv: bool) -> None:
    """--json and --csv exclude one another. Raises Misuse."""
    if json and csv:
        raise Misuse("--json 与 --csv 只能选其一。", "--json and --csv: give one of them.")


def sheet(heads: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """Comma-separated values on standard output; no cell that people wrote is taken for a formula."""
    written = csv.writer(sys.stdout, lineterminator="\n")
    written.writerow(heads)
    written.writerows([_cell(value) for value in row] for row in rows)


def joined(value: Any, by: str = "; ") -> str:
    """What a cell says: the parts of a list one after another, nothing for None."""
    if isinstance(value, list):
        return by.join(joined(one) for one in value)
    if isinstance(value, dict):
        return " ".join(joined(one) for one in value.values())
    return "" if value is None else str(value)


def _cell(value: Any) -> Any:
    text = joined(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def each(values: Iterable[Any]) -> None:
    """A line of JSON for each."""
    for value in values:
        machine(value)
