"""`microgov status` after a rebuild that has met other codes than the log holds."""

import json
from pathlib import Path

from microgov.services.chassis.fold.loop import LOG_READER
from microgov.services.chassis.store.engine import engine
from microgov.services.chassis.store.rebuild_row import begin_rebuild, set_rebuild
from tests.commands.conftest import CommandLine


async def test_status_says_how_many_refusals_have_had_another_code(line: CommandLine, tmp_path: Path) -> None:
    with engine(f"sqlite:///{tmp_path}/issues/{line.tenant}.sqlite").begin() as c:
        begin_rebuild(c, LOG_READER, strict=False)
        set_rebuild(c, LOG_READER, strict=False, other_codes=2)

    shown = await line("status")
    body = json.loads((await line("status", "--json")).out)

    assert shown.code == 0
    assert "2 refusals have another code" in " ".join(shown.out.split())
    assert {one["service"]: one["other_codes"] for one in body["services"]} == {
        "directory": 0,
        "issues": 2,
        "matching": 0,
        "notify": 0,
    }
