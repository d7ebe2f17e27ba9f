"""A file or setting that cannot be used is named in both languages, with what to do, and never with a traceback."""

from pathlib import Path

import pytest

from microgov.__main__ import run
from microgov.services.gateway.accounts.credentials import Credentials

HOSTED = (("status",), ("clock", "show"), ("rebuild", "issues"), ("due",))


DEEP = 100_000


@pytest.mark.parametrize(
    "text",
    [
        "[tenants]\ndonghu = {\n",
        "[tenants]\ndonghu = { simulated_clock = 7 }\n",
        "tenants = 5\n",
        "[tenants]\ndonghu = 5\n",
        b"\xff\xfe",
    ],
)
@pytest.mark.parametrize("command", HOSTED)
def test_a_broken_file_of_tenants_is_named_with_what_a_line_looks_like(
    data_folder: Path, text: str | bytes, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    file = data_folder / "tenants.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())

    code, said = run([*command]), capsys.readouterr()

    assert code in (1, 2)
    assert str(file) in said.err
    assert "Traceback" not in said.out + said.err
    assert len(said.err.splitlines()) == 2
    if isinstance(text, str) and "{" in text:
        assert "at line 2" in said.err
        assert "donghu = { simulated_clock = false }" in said.err


@pytest.mark.parametrize(
    ("command", "file"),
    [
        (("status", "--tenant", "donghu"), "secrets/nats_operator"),
        (("tail",), "secrets/nats_operator"),
        (("publishers", "list"), "nats/publishers.toml"),
        (("publishers", "rotate", "cli"), "nats/accounts.conf"),
        (("publishers", "rotate", "cli"), "secrets/nats_cli"),
        (("publishers", "rotate", "cli"), "nats/publishers.toml"),
        (("publishers", "revoke", "cli"), "nats/.lock"),
        (("status",), "tenants.toml"),
        (("tenant", "add", "xx"), "nats/nats.conf"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    data_folder: Path, command: tuple[str, ...], file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Credentials(data_folder / "nats", data_folder / "secrets").prepare(["donghu"])
    spoiled = data_folder / file
    spoiled.unlink(missing_ok=True)
    spoiled.mkdir()  # not even root can read or replace it

    code, said = run([*command]), capsys.readouterr()

    assert code in (1, 3), said.err
    assert str(spoiled) in said.err, said.err
    assert "Traceback" not in said.err
    assert len(said.err.splitlines()) == 2


def test_a_missing_password_and_an_invalid_url_are_named(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (data_folder / "tenants.toml").write_text("[tenants]\ndonghu = {}\n")
    monkeypatch.setenv("MICROGOV_DATABASE", "postgresql+psycopg://x@127.0.0.1:1/{service}_{tenant}")
    monkeypatch.setenv("MICROGOV_DATABASE_PASSWORD_FILE", str(data_folder / "none"))
    assert run(["rebuild", "issues"]) == 1
    assert f"{data_folder / 'none'} is missing" in capsys.readouterr().err

    for url in ("nonsense", "mysql+nope://x", "postgresql+psycopg://x@h:port/{nope}"):
        monkeypatch.setenv("MICROGOV_DATABASE", url)
        assert run(["rebuild", "issues"]) == 1
        said = capsys.readouterr().err
        assert "MICROGOV_DATABASE is no database URL" in said
        assert "Traceback" not in said
        assert url not in said

    monkeypatch.setenv("MICROGOV_DATABASE", "postgresql+psycopg://x@127.0.0.1:1/{service}_{tenant}")
    monkeypatch.delenv("MICROGOV_DATABASE_PASSWORD_FILE")
    assert run(["rebuild", "issues"]) == 1
    said = capsys.readouterr().err
    assert "127.0.0.1:1/issues_donghu cannot be used: " in said
    assert "Traceback" not in said


def test_a_file_that_is_nested_too_deep_is_refused(
    data_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deep = data_folder / "deep"
    deep.write_text("[" * DEEP + "]" * DEEP)

    codes = [
        run(["send", str(deep)]),
        run(["rules", "apply", str(deep)]),
        run(["import", "organisations", str(deep)]),
        run(["plan", "--community", "x", "--so-far", str(deep)]),
    ]
    deep.write_text('{"a":' * DEEP)
    codes += [run(["send", str(deep)]), run(["rules", "apply", str(deep)])]

    said = capsys.readouterr().err
    assert all(code in (1, 2) for code in codes), codes
    assert "Traceback" not in said
    assert "RecursionError: " not in said
    assert "nested too deep" in said


@pytest.mark.parametrize("command", [["log", "show"], ["log", "verify"], ["log", "rows"]])
def test_a_file_that_is_not_there_is_called_missing(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "none.ndjson"

    code, said = run([*command, str(file), *(["issues"] if "rows" in command else [])]), capsys.readouterr()

    assert code in (1, 2)
    assert str(file) in said.err
    assert "permission" not in said.err
    assert "没有" in said.err or "不存在" in said.err or "No such file" in said.err
