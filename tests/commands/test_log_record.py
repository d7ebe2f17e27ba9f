"""`microgov log record` loses nothing: what came is in the file, after ctrl-C, SIGTERM, kill -9, a full disk and a cut."""

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from microgov.contracts.state import StateShown
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.recording.lines import lines_of
from microgov.services.chassis.runtime import questions
from microgov.services.chassis.runtime.state import shown_state
from microgov.services.chassis.runtime.tenancy import Tenancy
from tests.commands.recording_tenant import NUMBERS, RecordedTenant, ended, messages_in, until
from tests.support.deployment import deployed
from tests.support.servers import NatsServer

NAMES = ["made.ndjson", "made.ndjson.zst"]
pytestmark = pytest.mark.slow


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[NatsServer]:
    with NatsServer(tmp_path / "nats") as server:
        yield server


@pytest.fixture
async def tenant(broker: NatsServer, tmp_path: Path) -> AsyncIterator[RecordedTenant]:
    database = f"sqlite:///{tmp_path}/{{service}}/{{tenant}}.sqlite"
    async with deployed(broker.url, database, tmp_path, f"rec{next(NUMBERS)}") as deployment:
        made = RecordedTenant(deployment, await deployment.outsider(), tmp_path)
        await made.add(10)
        yield made


async def test_a_program_reads_what_was_recorded(tenant: RecordedTenant, tmp_path: Path) -> None:
    log, file = await tenant.log(), tmp_path / "made.ndjson"

    async with tenant.command(*tenant.record(file, "--json")) as process:
        said, _ = await asyncio.wait_for(process.communicate(), 90)

    assert process.returncode == 0
    assert json.loads(said) == {
        "file": str(file),
        "messages": len(log),
        "open": False,
        "same_answers": True,
        "differences": [],
        "other_rows": [],
    }


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
async def test_ctrl_c_and_sigterm_finish_an_open_recording(
    sign: signal.Signals, name: str, tenant: RecordedTenant, tmp_path: Path
) -> None:
    log, file = await tenant.log(), tmp_path / name

    async with tenant.command(*tenant.record(file, "--follow")) as process:
        await until(lambda: messages_in(file) == len(log))
        process.send_signal(sign)
        code, said = await ended(process)

    assert code == 0, said
    assert f"{len(log)} messages (open)" in said
    assert "was stopped" in said
    recording = recordings.read(file)
    assert recording.open
    assert recording.messages == log
    assert (await tenant.run("replay", str(file), "--database", "memory"))[0] == 0


@pytest.mark.parametrize("name", NAMES)
async def test_after_a_kill_the_file_holds_what_came_and_is_resumed(
    name: str, tenant: RecordedTenant, tmp_path: Path
) -> None:
    file, whole = tmp_path / name, tmp_path / f"whole.{name}"
    before = len(await tenant.log())
    async with tenant.command(*tenant.record(file, "--follow")) as process:
        await until(lambda: messages_in(file) == before)
        process.kill()
        await process.communicate()
    await tenant.add(5)

    for command in ("verify", "replay"):
        code, said = await tenant.run(command, str(file))
        assert code == 1
        assert f"interrupted after {before} messages" in said
        assert "--resume" in said
    refused = await tenant.run(*tenant.record(file))
    resumed = await tenant.run(*tenant.record(file, "--resume"))
    await tenant.run(*tenant.record(whole))

    assert refused[0] == 2
    assert "is not overwritten" in refused[1]
    assert "--resume" in refused[1]
    assert resumed[0] == 0, resumed[1]
    recording = recordings.read(file)
    assert recording.messages == await tenant.log()
    assert not recording.open
    assert [*lines_of(file)] == [*lines_of(whole)]


async def test_a_line_that_is_cut_off_is_read_again(tenant: RecordedTenant, tmp_path: Path) -> None:
    file = tmp_path / "made.ndjson"
    log = await tenant.log()
    recordings.write(file, tenant.deployment.tenant.name, log[:7], {})
    text = b"".join(file.read_bytes().splitlines(keepends=True)[:-1])
    file.write_bytes(text[:-30])

    verified = await tenant.run("verify", str(file))
    resumed = await tenant.run(*tenant.record(file, "--resume"))

    assert "interrupted after 6 messages: line 8 is cut off" in verified[1]
    assert resumed[0] == 0, resumed[1]
    assert recordings.read(file).messages == log


async def test_a_full_disk_leaves_what_came(tenant: RecordedTenant, tmp_path: Path) -> None:
    file = tmp_path / "made.ndjson"
    await tenant.add(20)
    log = await tenant.log()
    limited = ("sh", "-c", 'ulimit -f 16; exec "$@"', "sh")

    full = await tenant.run(*tenant.record(file), before=limited)
    verified = await tenant.run("verify", str(file))
    resumed = await tenant.run(*tenant.record(file, "--resume"))

    assert full[0] == 1
    assert "cannot be written (File too large)" in full[1]
    assert "--resume" in full[1]
    assert "interrupted after" in verified[1]
    assert resumed[0] == 0, resumed[1]
    assert recordings.read(file).messages == log


async def test_recording_goes_on_after_the_broker_was_cut_off(
    tenant: RecordedTenant, broker: NatsServer, tmp_path: Path
) -> None:
    file = tmp_path / "made.ndjson"
    before = len(await tenant.log())

    async with tenant.command(*tenant.record(file, "--follow")) as process:
        await until(lambda: messages_in(file) == before)
        broker.kill()
        await asyncio.sleep(3)
        broker.start()
        await tenant.deployment.nc.flush()
        await tenant.add(5)
        log = await tenant.log()
        await until(lambda: messages_in(file) == len(log))
        process.send_signal(signal.SIGINT)
        code, said = await ended(process)

    assert code == 0, said
    assert len(log) > before
    assert recordings.read(file).messages == log


async def test_only_the_same_log_is_resumed(tenant: RecordedTenant, tmp_path: Path) -> None:
    log, file = await tenant.log(), tmp_path / "made.ndjson"
    name = tenant.deployment.tenant.name
    other = log[4]._replace(data=log[4].data.replace(b'"writer":"gateway"', b'"writer":"gatewax"'))
    assert other != log[4]
    for written_for, messages in (("another", log[:5]), (name, [*log[:4], other])):
        recordings.write(file, written_for, messages, {}, open_=True)
        before = file.read_bytes()

        code, said = await tenant.run(*tenant.record(file, "--resume"))

        assert code == 1
        assert f"is not the beginning of the log of {name}" in said
        assert file.read_bytes() == before
    assert not (tmp_path / ".made.ndjson.new").exists()


async def test_there_has_to_be_a_recording_to_resume(tenant: RecordedTenant, tmp_path: Path) -> None:
    code, said = await tenant.run(*tenant.record(tmp_path / "none.ndjson", "--resume"))

    assert code == 2
    assert "Leave --resume out" in said


async def test_an_open_recording_is_continued(tenant: RecordedTenant, tmp_path: Path) -> None:
    file = tmp_path / "made.ndjson"
    assert (await tenant.run(*tenant.record(file)))[0] == 0
    before = json.loads(file.read_bytes().splitlines()[-1])["count"]
    await tenant.add(3)

    assert (await tenant.run(*tenant.record(file, "--resume")))[0] == 0

    assert recordings.read(file).messages == await tenant.log()
    assert len(recordings.read(file).messages) > before


async def test_a_service_that_is_long_over_its_rows_is_waited_for(
    tenant: RecordedTenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(tenancy: Tenancy) -> StateShown:
        if tenancy.service.name == "issues":
            time.sleep(6)  # as long as it takes for some hundred thousand rows
        return shown_state(tenancy)

    monkeypatch.setattr(questions, "shown_state", slowly)

    code, said = await tenant.run(*tenant.record(tmp_path / "made.ndjson"))

    assert code == 0, said


async def test_a_service_that_has_ended_meanwhile_is_named(
    tenant: RecordedTenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "shown_state", lambda tenancy: time.sleep(11))
    monkeypatch.setattr(questions, "_health", _no_health)

    code, said = await tenant.run(*tenant.record(tmp_path / "made.ndjson"))

    assert code == 1
    assert "The service directory does not answer" in said
    assert "is unfinished" in said


async def _no_health(here: Sequence[Tenancy]) -> None:
    return None
