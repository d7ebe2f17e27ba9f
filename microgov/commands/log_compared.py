"""What `microgov log replay` is asked to compare, and what it says that it has compared."""

from collections.abc import Sequence
from typing import Annotated

import typer

from microgov.client.connection import Misuse
from microgov.commands.base import echo
from microgov.commands.log_rows import service_named
from microgov.commands.recordings import services
from microgov.services.chassis.replay.options import Compared
from microgov.services.chassis.replay.report import Report
from microgov.services.chassis.service import Service

Only = Annotated[
    list[str] | None,
    typer.Option(
        metavar="SERVICE", help="replay this service alone; may be repeated · 只重放此服务，可多次给出"
    ),
]
Upto = Annotated[
    int | None, typer.Option(min=1, help="the sequence of the last message that is replayed · 重放到哪一条")
]
Entity = Annotated[
    str | None, typer.Option(help="compare only the answers that name this id · 只比较与此编号有关的应答")
]


def check_options(update: bool, only: object, upto: object, entity: object) -> None:
    """Raises Misuse if the whole recording is to be updated, but only a part is to be replayed."""
    if update and (only or upto or entity):
        raise Misuse(
            "--update 更新整份录制，不能与 --only、--upto、--entity 同用。",
            "--update updates the whole recording: leave out --only, --upto and --entity.",
        )


def check_json_options(json: bool, update: bool, yes: bool, against: object) -> None:
    """Raises Misuse for what does not go with --json: a question, and a table."""
    if json and update and not yes:
        raise Misuse(
            "--update 与 --json 同用时不会询问，请加上 --yes。",
            "With --json, --update cannot ask: add --yes.",
        )
    if json and against:
        raise Misuse("--against 显示表格，请去掉 --json。", "--against shows a table: leave --json out.")


def chosen_services(only: Sequence[str] | None) -> Sequence[Service]:
    """The services with these names, in the order in which services are replayed; all without names. Raises Misuse."""
    chosen = {service_named(name).name for name in only or ()}
    return [service for service in services() if not chosen or service.name in chosen]


def show_compared(report: Report, same: bool) -> None:
    """Says what was compared, if it was the `same`, and which answers count as the same though their words differ."""
    other = sum(report.other_words.values())
    if other:
        echo(
            f"{other} 条拒绝只有文字不同（用 --words 查看）",
            f"{other} refusals differ in their words alone (see them with --words)",
            style="yellow",
        )
    compared = report.compared
    if same and not compared.something:
        echo("没有任何应答可比较。", "There was no answer to compare.", style="red")
    elif same:
        state_zh, state_en = _state(report, compared)
        about_zh, about_en = _about(report.options.entity)
        echo(
            f"{compared.messages} 条消息，{compared.services} 个服务的 {compared.answers} 条{about_zh}应答："
            f"所说一致{state_zh}",
            f"{compared.messages} messages, {compared.answers} answers of {compared.services} services{about_en}: "
            f"the same messages{state_en}",
            style="green",
        )


def _about(entity: str | None) -> tuple[str, str]:
    return ("", "") if entity is None else (f"提到 {entity} 的", f" that name {entity}")


def _state(report: Report, compared: Compared) -> tuple[str, str]:
    if report.options.entity is not None:
        return "；未比较其他应答和状态", "; other answers and the state were not compared"
    if not compared.state:
        return (
            "；录制中没有此处的状态，未比较状态",
            "; the recording holds no state there, so none was compared",
        )
    return ("", "") if report.other_state else ("，状态一致", " and the same state")
