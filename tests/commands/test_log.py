"""A log as a file, at the command line: recorded, verified, replayed."""

from pathlib import Path

import pytest

from services.__main__ import run
from tests.servers import free_port

LOGS = Path(__file__).parents[1] / "logs"
ORDER = str(LOGS / "order.ndjson")


@pytest.fixture(autouse=True)
def _no_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MICROGOV_LANG", raising=False)


def test_a_database_out_of_reach_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    url = f"postgresql+psycopg://me:secret@127.0.0.1:{free_port()}/replay_{{service}}"

    assert run(["log", "replay", ORDER, "--database", url]) == 1

    said = capsys.readouterr().err
    assert "无法使用数据库" in said and "cannot be used" in said and "memory" in said and "replay_directory" in said
    assert "Traceback" not in said and "secret" not in said and len(said.strip().splitlines()) == 2


@pytest.mark.parametrize("url", ["nope", "oracle9://somewhere", "postgresql+psycopg://me@127.0.0.1/{what}"])
def test_what_is_no_database_is_wrong_usage(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["log", "replay", ORDER, "--database", url]) == 2

    said = capsys.readouterr().err
    assert f"--database {url}" in said and "memory" in said and "{service}" in said
