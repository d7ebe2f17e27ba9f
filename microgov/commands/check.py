"""`microgov check`: whether the log is complete and free of duplicates, and otherwise what is wrong and where."""

from collections.abc import Callable

from microgov.client.publisher import Client
from microgov.commands.base import (
    TENANT,
    Json,
    Lang,
    Tenant,
    echo,
    examples,
    finish,
    out,
    print_as_json,
    progress_bar,
    with_client,
)
from microgov.services.chassis.errors import Again, Problem
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.log import Stored
from microgov.services.chassis.recording.audit import Audit, check_log, walk
from microgov.services.gateway.door.hindsight import Hindsight, Note

EXAMPLES = examples("microgov check", "microgov check --tenant demo --json")


def check(tenant: Tenant = TENANT, lang: Lang = None, json: Json = False) -> None:
    """Checks the whole log: numbering, ids, times, causes, and roles that today's rules would not give · 检查日志"""
    hindsight = Hindsight(tenant)
    audits = with_client(tenant, lambda client: _audit_streams(client, hindsight))
    ok = all(audit.clean for audit in audits.values())
    if json:
        print_as_json(
            {
                "ok": ok,
                "notes": [_plain(note) for note in hindsight.notes()],
                **{
                    stream: {"messages": a.count, "writers": dict(a.writers), "findings": a.findings}
                    for stream, a in audits.items()
                },
            }
        )
    else:
        for stream, audit in audits.items():
            show_audit(stream, audit, lang)
        for note in hindsight.notes():
            _show_note(tenant, note, lang)
    finish(ok)


def _plain(note: Note) -> dict[str, object]:
    return {"seq": note.seq, "what": note.what.en, "why": note.why.en, "undo": note.undo}


def _show_note(tenant: str, note: Note, lang: str | None) -> None:
    """Prints a grant that today's rules would refuse, and the command that takes it back."""
    echo(
        f"LOG-{tenant} {note.seq}：{note.what.zh}，按现行规则不会获准。{note.why.zh}如需收回：",
        f"LOG-{tenant} {note.seq}: {note.what.en}; by today's rules it would be refused. {note.why.en} To take it back:",
        lang,
        "yellow",
    )
    out.print(f"    {note.undo}")


async def _audit_streams(client: Client, hindsight: Hindsight) -> dict[str, Audit]:
    """The audits of the log and of the streams RECEIPT and OUT, by name of the stream. Raises Problem."""
    audits = {f"LOG-{client.tenant}": await _audit_log(client, hindsight.take)}
    for stream in ("RECEIPT", "OUT"):
        try:
            audits[stream] = await check_numbers(client, stream)
        except Again as error:
            raise Problem(f"无法读取 {stream}：{error}", f"{stream} cannot be read: {error}") from error
    return audits


async def _audit_log(client: Client, also: Callable[[Stored], None] = lambda stored: None) -> Audit:
    """Checks the log, showing the progress; `also` is called with every message."""
    with progress_bar() as shown:
        task = shown.add_task(f"LOG-{client.tenant}", total=None)
        return await check_log(
            JetStreamLog(client.bus, client.tenant),
            lambda at, end: shown.update(task, completed=at, total=end),
            also,
        )


async def check_numbers(client: Client, stream: str) -> Audit:
    """Checks that the messages of this tenant in RECEIPT or OUT are numbered without gaps, for each publisher."""
    audit = Audit(first=None)
    async for stored in walk(JetStreamLog(client.bus, client.tenant, stream)):
        parts = stored.subject.split(".")
        if parts[2] == client.tenant:
            audit.number(stored.seq, ".".join(parts[:3]), stored.data)
    return audit


async def check_and_show(client: Client, lang: str | None) -> Audit:
    """Checks the log and prints the result. Raises Problem if something is wrong."""
    audit = await _audit_log(client)
    show_audit(f"LOG-{client.tenant}", audit, lang)
    if not audit.clean:
        raise Problem("日志不完整，见上。", "The log is not whole, as said above.")
    return audit


def show_audit(stream: str, audit: Audit, lang: str | None) -> None:
    """Prints the findings of an audit, or that there are none."""
    if audit.clean:
        many = len(audit.writers)
        echo(
            f"{stream}：{audit.count} 条，{many} 个写者，编号连续；没有缺失，没有重复。",
            f"{stream}: {audit.count} messages of {many} writers, numbered without gaps; "
            "nothing is missing, nothing stands twice.",
            lang,
            "green",
        )
        return
    for finding in audit.findings:
        out.print(f"{stream} {finding}", style="red")
