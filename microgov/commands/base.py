"""What the subcommands share: options, running with a client, output, errors and exit codes."""

import asyncio
import csv
import json
import os
import sys
import traceback
from collections.abc import Callable, Coroutine, Iterable
from typing import Annotated, Any, TypeVar

import nats.errors
import typer
from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from microgov.client.connection import BrokerAway, Misuse, broker_problem, connection_settings
from microgov.client.publisher import Client
from microgov.client.waiting import WaitingMessage
from microgov.contracts.message import plain
from microgov.services.chassis.errors import Again, Problem
from microgov.services.chassis.runtime.settings import Settings
from microgov.text.sentences import LANGUAGES, Sentence, use_local_time

DONE, REFUSED, USAGE, AWAY, FAULT = 0, 1, 2, 3, 70
"""The exit codes; CODES explains them in the help of every command."""
CODES = (
    "\n\n**Exit codes · 退出码**: 0 done · 完成; 1 refused or not ready · 被拒绝或未就绪; 2 wrong usage · 用法错误; "
    "3 the broker is away · 连不上消息服务器; 70 a fault of microgov · 程序缺陷."
)
T = TypeVar("T")

Tenant = Annotated[
    str, typer.Option("--tenant", "-t", envvar="MICROGOV_TENANT", help="the tenant (sub-district) · 租户")
]
Json = Annotated[bool, typer.Option("--json", help="output as JSON · 机器可读")]
Csv = Annotated[bool, typer.Option("--csv", help="output as CSV, for a spreadsheet · 表格文件")]
TENANT, DEMO = "donghu", "demo"
"""The default of `--tenant`, and that of the commands which need a simulated clock (`demo` and `clock advance`)."""


class Terminal(Console):
    """A console that prints every text literally: people wrote it, so `[bold]`, `[link=…]` or `:smile:` have no meaning.

    Colour comes from `style=`, or from a `Text`.
    """

    def __init__(self, stderr: bool = False, width: int | None = None) -> None:
        super().__init__(
            stderr=stderr, width=width, soft_wrap=width is None, markup=False, emoji=False, highlight=False
        )


out, err = Terminal(), Terminal(stderr=True)


def _language(given: str | None) -> str | None:
    """Checks the option --lang. Raises Misuse for an unknown language."""
    if given is not None and given not in LANGUAGES:
        raise Misuse(
            f"--lang {given}：只能是 zh 或 en（未给出时取 MICROGOV_LANG）。",
            f"--lang {given}: it can be zh or en (MICROGOV_LANG counts where it is not given).",
        )
    return given


_LANG = typer.Option(
    "--lang", envvar="MICROGOV_LANG", callback=_language, help="zh or en; both if not given · 语言"
)
Lang = Annotated[str | None, _LANG]


def examples(*lines: str) -> str:
    """The end of a command's help: examples, and the exit codes."""
    return "**Examples · 示例**\n\n" + "\n\n".join(f"    $ {line}" for line in lines) + CODES


def group(help: str) -> typer.Typer:
    """A group of subcommands, with this help text."""
    return typer.Typer(help=help + CODES, no_args_is_help=True, rich_markup_mode="markdown")


def with_client(tenant: str, what: Callable[[Client], Coroutine[Any, Any, T]]) -> T:
    """Runs `what` with a client of the tenant and returns its result; times are shown in the tenant's local time."""

    async def run() -> T:
        async with client_with_waiting_message(connection_settings(), tenant) as client:
            use_local_time(await client.offset())
            return await what(client)

    return asyncio.run(run())


def client_with_waiting_message(settings: Settings, tenant: str) -> Client:
    """A client that prints on standard error what it is waiting for."""
    return Client(
        settings,
        tenant,
        WaitingMessage(lambda words: err.print(*words.lines(chosen_language()), sep=" · ", style="dim")),
    )


def finish(ok: bool) -> None:
    """Ends the command with exit code DONE if `ok`, else REFUSED."""
    raise typer.Exit(DONE if ok else REFUSED)


def exit_code_of(run: Callable[[], Any]) -> int:
    """Runs the command line and returns the exit code; an error is printed as one sentence in both languages."""
    try:
        run()
    except BrokerAway as problem:
        return print_problem(problem.zh, problem.en, AWAY)
    except Misuse as problem:
        return print_problem(problem.zh, problem.en, USAGE)
    except Problem as problem:
        return print_problem(problem.zh, problem.en, REFUSED)
    except (Again, nats.errors.Error, ConnectionError) as error:
        gone = broker_problem(connection_settings(), error)
        return print_problem(gone.zh, gone.en, AWAY if isinstance(gone, BrokerAway) else REFUSED)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        return print_problem(f"{where} 不符合要求：{first['msg']}", f"{where}: {first['msg']}", USAGE)
    except KeyboardInterrupt:
        return 130
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else USAGE
    except Exception as error:
        return _exit_code_of_unexpected(error)
    return DONE


def _exit_code_of_unexpected(error: Exception) -> int:
    """The exit code for an error without a sentence of its own.

    A file or a database that cannot be used is for the user to repair; anything else is a defect of microgov.
    """
    from sqlalchemy.exc import DBAPIError  # imported only here: it takes a tenth of a second

    if os.environ.get("MICROGOV_LOG_LEVEL") == "debug":
        traceback.print_exception(error)
    if isinstance(error, FileNotFoundError) and error.filename is not None:
        return print_problem(
            f"没有 {error.filename}。请核对路径。", f"There is no {error.filename}. Check the path.", REFUSED
        )
    if isinstance(error, OSError) and error.filename is not None:
        return print_problem(
            f"无法使用 {error.filename}（{error.strerror}）。请更改其权限，或以启动服务的用户身份运行。",
            f"Cannot use {error.filename} ({error.strerror}). Change its permissions, or run this as the user "
            "who started the services.",
            REFUSED,
        )
    if isinstance(error, DBAPIError):
        why = " ".join(str(error.orig).split())
        return print_problem(
            f"无法使用数据库：{why}。请确认它在运行，并核对 MICROGOV_DATABASE。",
            f"The database cannot be used: {why}. See that it runs, and check MICROGOV_DATABASE.",
            REFUSED,
        )
    what = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
    return print_problem(
        f"未预料的错误：{what}。用 MICROGOV_LOG_LEVEL=debug 再运行一次可见出错位置，请随同报告。",
        f"An error that nobody foresaw: {what}. With MICROGOV_LOG_LEVEL=debug the same command shows where it "
        "happened; please report that.",
        FAULT,
    )


def print_problem(zh: str, en: str, code: int) -> int:
    """Prints a problem on standard error in the chosen language, and returns `code`."""
    for line in Sentence(zh, en).lines(chosen_language()):
        err.print(line, style="red")
    return code


def progress_bar() -> Progress:
    """A progress bar on standard error; shows nothing if that is no terminal."""
    shown = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    return Progress(*shown, console=err, transient=True, disable=not err.is_terminal)


def echo(zh: str, en: str, lang: str | None = None, style: str | None = None) -> None:
    """Prints a sentence on standard output."""
    out.print(" · ".join(Sentence(zh, en).lines(lang or chosen_language())), style=style)


def chosen_language() -> str | None:
    """The language of the environment variable MICROGOV_LANG, or None for both."""
    return os.environ.get("MICROGOV_LANG")


def print_as_json(value: BaseModel | dict[str, Any] | list[Any]) -> None:
    """Prints a value as one line of JSON on standard output."""
    body = plain(value) if isinstance(value, BaseModel) else value
    print(json.dumps(body, ensure_ascii=False, default=str), flush=True)


def check_output_options(json: bool, csv: bool) -> None:
    """Raises Misuse if both --json and --csv are given."""
    if json and csv:
        raise Misuse("--json 与 --csv 只能选其一。", "--json and --csv: give one of them.")


def print_csv(heads: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """Writes comma-separated values to standard output. A cell that a spreadsheet would read as a formula begins with '."""
    written = csv.writer(sys.stdout, lineterminator="\n")
    written.writerow(heads)
    written.writerows([_cell(value) for value in row] for row in rows)


def joined(value: Any, by: str = "; ") -> str:
    """The text of a cell: the items of a list separated by `by`, nothing for None."""
    if isinstance(value, list):
        return by.join(joined(one) for one in value)
    if isinstance(value, dict):
        return " ".join(joined(one) for one in value.values())
    return "" if value is None else str(value)


def _cell(value: Any) -> Any:
    text = joined(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def print_as_json_lines(values: Iterable[Any]) -> None:
    """Prints one line of JSON for each value."""
    for value in values:
        print_as_json(value)
