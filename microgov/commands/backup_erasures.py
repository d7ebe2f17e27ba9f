"""`microgov backup erasures`: takes what was erased out of the backups, and names those that are not here."""

import asyncio
from collections import Counter
from pathlib import Path

from microgov.client.connection import check_local_installation, connect, connection_settings
from microgov.client.waiting import WaitingMessage
from microgov.commands.backup_shared import Folder
from microgov.commands.base import Json, chosen_language, echo, err, examples, print_as_json
from microgov.safekeeping.erasures import Reached, apply_erasures, read_erasures
from microgov.safekeeping.folder import held
from microgov.services.chassis.runtime.settings import Settings
from microgov.services.gateway.accounts.permissions import OPERATOR

EXAMPLES = examples(
    "microgov backup erasures", "microgov backup erasures --folder /mnt/copy-of-backups --json"
)


def erasures(folder: Folder = None, json: Json = False) -> None:
    """Takes what was erased out of all backups in the folder; names those that were carried away · 落实删除"""
    settings = connection_settings()
    check_local_installation(settings, "backup erasures")
    place = folder or settings.backups
    reached = asyncio.run(erase_in(settings, place, all_again=True))
    erased = Counter(one.table for one in read_erasures(place).erased)
    if json:
        print_as_json({"erased": erased, "taken_out": reached.rows, "away": reached.away})
        return
    for name, rows in reached.rows.items():
        echo(f"{name}：去除 {rows} 行", f"{name}: {rows} rows taken out")
    for name in reached.away:
        echo(
            f"{name} 不在 {place} 中，其中的行未能去除。请把它拿回来再运行，或销毁它。",
            f"{name} is not in {place}, and could not be reached. Bring it back and run this again, or destroy it.",
            style="yellow",
        )
    total = sum(erased.values())
    echo(
        f"日志中有 {total} 次删除；这里的备份不再含有这些行。",
        f"The logs tell of {total} erasures; the backups here hold none of these rows any more.",
        style="green",
    )


async def erase_in(settings: Settings, folder: Path, all_again: bool = False) -> Reached:
    """Takes what was erased out of the backups in the folder."""
    waiting = WaitingMessage(lambda words: err.print(*words.lines(chosen_language()), sep=" · ", style="dim"))
    bus = await connect(settings, OPERATOR, waiting)
    try:
        async with held(folder):
            return await apply_erasures(bus, [one.name for one in settings.hosted()], folder, all_again)
    finally:
        await bus.close()
