"""Every command that could drop, empty, purge or overwrite something: what that would be, and why it does not.

A command that is new stands in neither table: say here which it is.
"""

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import typer.main

from microgov.__main__ import application
from microgov.contracts.rules import SECTIONS
from microgov.services.chassis.store.bookkeeping import OUTBOX
from microgov.services.chassis.store.engine import engine
from microgov.services.gateway.accounts.credentials import Credentials
from tests.commands.conftest import Line

ORDER = str(Path(__file__).parents[1] / "logs" / "order.ndjson")
READS = {
    "status",
    "tail",
    "due",
    "rates",
    "achieved",
    "plan",
    "waitlist",
    "hours",
    "workload",
    "inbox",
    "check",
    "show",
    "list",
    "attempts",
    "clock show",
    "rules show",
    "quarantine list",
    "quarantine show",
    "publishers list",
    "log verify",
}
"""What they write goes to standard output; a name of one word stands for all commands of that group."""
ADDS = {
    "send",
    "demo",
    "import",
    "clock advance",
    "rules apply",
    "quarantine retry",
    "quarantine discard",
    "quarantine lift",
    "household read",
    "tenant add",
    "publishers mend",
    "up",
}
"""They add to the log, or set up what is missing; what stood there stays, and sent again nothing is sent twice."""
REPLACES = {
    "contact set": "the person's address of before",
    "household keep": "the whole file of before",
    "household erase": "the file",
    "publishers add": "with --again, its grant",
    "publishers rotate": "its secret",
    "publishers revoke": "its access",
    "clock confirm": "what was confirmed before",
    "copy": "nothing: it refuses a folder that holds anything (test_copy.py)",
}
"""They are called for that, and their help says it."""


def content(folder: Path) -> dict[str, str]:
    """Every file that is not a database's own scratch."""
    files = [
        file
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.suffix in (".sqlite", ".ndjson", ".toml")
    ]
    return {str(file.relative_to(folder)): sha256(file.read_bytes()).hexdigest() for file in files}


def rows(url: str) -> dict[str, int]:
    made = engine(url)
    with made.connect() as c:
        names = sorted(sa.inspect(c).get_table_names())
        found = {name: c.execute(sa.text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in names}
    made.dispose()
    return found


async def folded(var: Path, tenant: str) -> str:
    """The URL of the database of issues, which has folded the first messages."""
    url = f"sqlite:///{var}/issues/{tenant}.sqlite"
    async with asyncio.timeout(10):
        while rows(url)["rule"] < len(SECTIONS):  # noqa: ASYNC110  # the fold is at work
            await asyncio.sleep(0.05)
    return url


async def a_replay_empties_no_database_that_is_in_use(line: Line, var: Path) -> None:
    deployment = f"sqlite:///{var}/{{service}}/{line.tenant}.sqlite"
    before = rows(await folded(var, line.tenant))

    refused = await line.say("log", "replay", ORDER, "--database", deployment)
    shared = await line.say("log", "replay", ORDER, "--database", deployment.format(service="issues"))

    assert (refused.code, shared.code) == (2, 2)
    assert "没有改动" in refused.err
    assert "holds tables of others" in refused.err
    assert "empty one" in refused.err
    assert "{service}" in shared.err
    assert "of its own" in shared.err
    assert rows(deployment.format(service="issues")) == before
    assert (await line("status")).code == 0


async def a_recording_overwrites_no_file(line: Line, var: Path) -> None:
    mine = var / "mine.ndjson"
    mine.write_text("months of work")

    refused = await line("log", "record", str(mine))

    assert refused.code == 2
    assert "已存在" in refused.err
    assert "not overwritten" in refused.err
    assert mine.read_text() == "months of work"


async def a_rebuild_waits_for_the_service(line: Line, var: Path) -> None:
    url = await folded(var, line.tenant)
    waiting = asyncio.create_task(line("rebuild", "issues"))

    done, _ = await asyncio.wait([waiting], timeout=1.5)

    assert not done
    assert "stop the service" in line.capsys.readouterr().out
    assert rows(url)["place"] == 1


async def a_rebuild_in_the_wrong_place_touches_nothing(line: Line, var: Path) -> None:
    (var / "matching" / f"{line.tenant}.sqlite").unlink()
    before = content(var)

    nobody = await line("rebuild", "matching")

    assert nobody.code == 2
    assert "no service has used" in nobody.err
    assert "MICROGOV_DATABASE" in nobody.err
    assert content(var) == before


async def a_rebuild_of_another_tenants_database_is_refused(line: Line, var: Path) -> None:
    other = f"{line.tenant}x"
    await folded(var, line.tenant)
    for part in (var / "issues").glob(f"{line.tenant}.sqlite*"):
        shutil.copy(part, part.with_name(part.name.replace(line.tenant, other)))
    url = f"sqlite:///{var}/issues/{other}.sqlite"
    with engine(url).begin() as c:
        c.execute(
            OUTBOX.insert().values(
                writer="issues", n=9, id="x", subject=f"log.{line.tenant}.issues.x", data=b""
            )
        )
    tenants = var / "tenants.toml"
    tenants.write_text(f"[tenants]\n{line.tenant} = {{}}\n{other} = {{}}\n")
    before = rows(url)

    refused = await line.say("rebuild", "issues", "--tenant", other)

    assert refused.code == 2
    assert f"属于租户 {line.tenant}" in refused.err
    assert f"of tenant {line.tenant}" in refused.err
    assert rows(url) == before


async def secrets_that_are_there_stay(line: Line, var: Path) -> None:
    folder = var / "kept"
    first = await line.say("secrets", "make", str(folder))
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}

    again = await line.say("secrets", "make", str(folder))

    assert (first.code, again.code) == (0, 0)
    assert len(before) > 5
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before

    (folder / "nats" / "publishers.toml").unlink()
    lost = await line.say("secrets", "make", str(folder))

    assert lost.code == 0
    assert (folder / "nats" / "publishers.toml").exists()
    secrets = {file: file.read_bytes() for file in folder.iterdir() if file.is_file()}
    assert secrets == {file: text for file, text in before.items() if file.parent == folder}


async def a_publisher_keeps_its_secret_and_its_grant(line: Line, var: Path) -> None:
    credentials = Credentials(var / "nats", var / "secrets")
    credentials.prepare([line.tenant])
    credentials.add("portal", [line.tenant])
    before = (var / "nats" / "publishers.toml").read_bytes()

    refused = await line("publishers", "add", "portal")

    assert refused.code == 1
    assert "已存在" in refused.err
    assert "exists already" in refused.err
    assert "--again" in refused.err
    assert (var / "nats" / "publishers.toml").read_bytes() == before


async def an_import_leaves_alone_what_is_there(line: Line, var: Path) -> None:
    sheet, heads = var / "organisations.csv", "名称,类别,状态,服务领域,服务地点,代表\n"
    sheet.write_text(f"{heads}一社,社会组织,备案,care,{line.tenant},rep-1\n")
    first = await line("import", "organisations", str(sheet))
    sheet.write_text(f"{heads}一社,社会组织,登记,care,{line.tenant},rep-1\n")

    again = await line("import", "organisations", str(sheet))
    listed = json.loads((await line("list", "organisations", "--json")).out)["organisations"]

    assert (first.code, again.code) == (0, 1)
    assert "differs" in again.out
    assert [one["status"] for one in listed] == ["filed"]


DESTROYS: dict[str, tuple[str, Callable[[Line, Path], Awaitable[None]]]] = {
    "log replay": ("empties the databases it is pointed at", a_replay_empties_no_database_that_is_in_use),
    "log record": ("writes a file", a_recording_overwrites_no_file),
    "rebuild": ("empties a service's folded tables", a_rebuild_waits_for_the_service),
    "rebuild ": ("the same, elsewhere", a_rebuild_in_the_wrong_place_touches_nothing),
    "rebuild  ": ("the same, of another tenant", a_rebuild_of_another_tenants_database_is_refused),
    "publishers add": ("replaces a secret or a grant", a_publisher_keeps_its_secret_and_its_grant),
    "import organisations": ("replaces what is registered", an_import_leaves_alone_what_is_there),
    "secrets make": ("writes secrets", secrets_that_are_there_stay),
}
"""Command, what it would destroy, and the test that it does not."""


def leaves(command: Any, path: str = "") -> list[str]:
    """All commands that can be called."""
    if hasattr(command, "commands"):
        return [
            leaf for name, one in command.commands.items() for leaf in leaves(one, f"{path} {name}".strip())
        ]
    return [path]


def test_every_command_is_known_here() -> None:
    named = {*READS, *ADDS, *REPLACES, *(name.strip() for name in DESTROYS)}
    found = leaves(typer.main.get_command(application()))

    assert [one for one in found if one not in named and one.split()[0] not in named] == []
    assert [name for name in named if not any(f"{one} ".startswith(f"{name} ") for one in found)] == []


@pytest.mark.parametrize("which", DESTROYS)
async def test_nothing_is_destroyed(which: str, line: Line, tmp_path: Path) -> None:
    await DESTROYS[which][1](line, tmp_path)
