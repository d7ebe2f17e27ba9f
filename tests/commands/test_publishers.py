"""`microgov publishers` refuses wrong arguments before it creates anything."""

from pathlib import Path

import pytest

from microgov.__main__ import run
from microgov.services.gateway.accounts.credentials import Credentials


@pytest.fixture(autouse=True)
def _credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MICROGOV_VAR", str(tmp_path))
    monkeypatch.delenv("MICROGOV_LANG", raising=False)
    Credentials(tmp_path / "nats", tmp_path / "secrets").prepare(["donghu"])


@pytest.mark.parametrize("command", ["revoke", "rotate"])
def test_a_publisher_that_is_not_there_is_an_error(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["publishers", command, "nope"]) == 1

    said = capsys.readouterr()
    assert said.out == ""
    assert "没有名为 nope 的发布者" in said.err
    assert "There is no publisher nope" in said.err
    assert "publishers list" in said.err


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--type", "nope", ("没有这种消息", "there is no such message", "owner.name.vN", "*")),
        ("--type", "SubmitIsue", ("SubmitIssue",)),
        ("--type", "issues.nope.v1", ("没有这种消息",)),
        ("--follow", "nope", ("没有这种消息", "there is no such message", "owner.name.vN", "*")),
        ("--speaks-for", "nope", ("itself", "anyone", "只能是", "it can be")),
    ],
)
def test_what_cannot_be_granted_is_named_before_anything_is_made(
    option: str, value: str, said: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["publishers", "add", "portal", "--tenant", "donghu", option, value]) == 2

    got = capsys.readouterr()
    assert got.out == ""
    assert [word for word in (f"{option} {value}", *said) if word not in got.err] == []
    assert len(got.err.splitlines()) == 2
    assert "pydantic" not in got.err
    assert "portal" not in Credentials(tmp_path / "nats", tmp_path / "secrets").load().publishers
