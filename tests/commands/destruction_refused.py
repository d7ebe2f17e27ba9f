"""Each command that could destroy something, run where it would: what was there before is still there afterwards."""

import asyncio
import json
import shutil
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa

from microgov.contracts.rules import SECTIONS
from microgov.services.chassis.store.bookkeeping import OUTBOX
from microgov.services.chassis.store.engine import engine
from microgov.services.gateway.accounts.credentials import Credentials
from tests.commands.conftest import CommandLine

ORDER = str(Path(__file__).parents[1] / "logs" / "order.ndjson")


def content(folder: Path) -> dict[str, str]:
    """Path and hash of every file, without the temporary files of the databases."""
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
    """The URL of the database of issues, once it has folded the first messages."""
    url = f"sqlite:///{var}/issues/{tenant}.sqlite"
    async with asyncio.timeout(10):
        while rows(url)["rule"] < len(SECTIONS):  # noqa: ASYNC110  # the fold is at work
            await asyncio.sleep(0.05)
    return url


async def a_replay_empties_no_database_that_is_in_use(line: CommandLine, var: Path) -> None:
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


async def a_recording_overwrites_no_file(line: CommandLine, var: Path) -> None:
    mine = var / "mine.ndjson"
    mine.write_text("months of work")

    refused = await line("log", "record", str(mine))

    assert refused.code == 2
    assert "已存在" in refused.err
    assert "not overwritten" in refused.err
    assert mine.read_text() == "months of work"


async def a_part_of_a_recording_overwrites_no_file(line: CommandLine, var: Path) -> None:
    mine = var / "mine.ndjson"
    mine.write_text("months of work")

    cut = await line.say("log", "cut", ORDER, str(mine), "--entity", "order-liu")
    redacted = await line.say("log", "redact", ORDER, str(mine))

    assert (cut.code, redacted.code) == (2, 2)
    assert "not overwritten" in cut.err
    assert "not overwritten" in redacted.err
    assert mine.read_text() == "months of work"


async def a_rebuild_waits_for_the_service(line: CommandLine, var: Path) -> None:
    url = await folded(var, line.tenant)
    waiting = asyncio.create_task(line("rebuild", "issues"))

    done, _ = await asyncio.wait([waiting], timeout=1.5)

    assert not done
    assert "stop the service" in line.capsys.readouterr().out
    assert rows(url)["place"] == 1


async def a_rebuild_in_the_wrong_place_touches_nothing(line: CommandLine, var: Path) -> None:
    (var / "matching" / f"{line.tenant}.sqlite").unlink()
    before = content(var)

    nobody = await line("rebuild", "matching")

    assert nobody.code == 2
    assert "no service has used" in nobody.err
    assert "MICROGOV_DATABASE" in nobody.err
    assert content(var) == before


async def a_rebuild_of_another_tenants_database_is_refused(line: CommandLine, var: Path) -> None:
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


async def secrets_that_are_there_stay(line: CommandLine, var: Path) -> None:
    folder = var / "kept"
    first = await line.say("secrets", "make", str(folder))
    before = _files(folder)

    again = await line.say("secrets", "make", str(folder))

    assert (first.code, again.code) == (0, 0)
    assert len(before) > 5
    assert _files(folder) == before

    (folder / "nats" / "publishers.toml").unlink()
    lost = await line.say("secrets", "make", str(folder))

    assert lost.code == 0
    assert (folder / "nats" / "publishers.toml").exists()
    secrets = {file: file.read_bytes() for file in folder.iterdir() if file.is_file()}
    assert secrets == {file: text for file, text in before.items() if file.parent == folder}


async def a_key_of_backups_replaces_no_key(line: CommandLine, var: Path) -> None:
    Credentials(var / "nats", var / "secrets").prepare([line.tenant])
    taken = var / "a-file"
    taken.write_text("mine\n")
    in_the_way = await line.say("backup", "key", str(taken))
    first = await line.say("backup", "key", str(var / "first.key"))
    before = _files(var)

    again = await line.say("backup", "key", str(var / "second.key"))

    assert (in_the_way.code, first.code, again.code) == (2, 0, 2)
    assert taken.read_text() == "mine\n"
    assert _files(var) == before


async def a_publisher_keeps_its_secret_and_its_grant(line: CommandLine, var: Path) -> None:
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


async def an_import_leaves_alone_what_is_there(line: CommandLine, var: Path) -> None:
    sheet, heads = var / "organisations.csv", "名称,类别,状态,服务领域,服务地点,代表\n"
    sheet.write_text(f"{heads}一社,社会组织,备案,care,{line.tenant},rep-1\n")
    first = await line("import", "organisations", str(sheet))
    sheet.write_text(f"{heads}一社,社会组织,登记,care,{line.tenant},rep-1\n")

    again = await line("import", "organisations", str(sheet))
    listed = json.loads((await line("list", "organisations", "--json")).out)["organisations"]

    assert (first.code, again.code) == (0, 1)
    assert "differs" in again.out
    assert [one["status"] for one in listed] == ["filed"]


def _files(folder: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
