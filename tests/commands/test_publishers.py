"""Programs outside, at the command line: what is refused before anything is made."""

from pathlib import Path

import pytest

from services.__main__ import run
from services.gateway.publishers import Credentials


@pytest.fixture(autouse=True)
def _credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MICROGOV_VAR", str(tmp_path))
    monkeypatch.delenv("MICROGOV_LANG", raising=False)
    Credentials(tmp_path / "nats", tmp_path / "secrets").prepare(["donghu"])


@pytest.mark.parametrize("command", ["revoke", "rotate"])
def test_a_publisher_that_is_not_there_is_an_error(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["publishers", command, "nope"]) == 1

    said = capsys.readouterr()
    assert said.out == "" and "没有名为 nope 的发布者" in said.err
    assert "There is no publisher nope" in said.err and "publishers list" in said.err
