"""A wrong argument is named with the possible ones, in both languages, and the exit code is 2."""

import pytest

from microgov.__main__ import run

NIGHT = "2026-03-01T00:00:00Z"


@pytest.fixture(autouse=True)
def _no_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MICROGOV_LANG", raising=False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("tail", "--type", "Foo"),
            ("--type Foo", "没有这种消息", "there is no such message", "MESSAGES.md"),
        ),
        (("tail", "--type", "issues.vote_cast.v9"), ("--type issues.vote_cast.v9", "VoteCast")),
        (("tail", "--type", "ShowInbox"), ("--type ShowInbox",)),
        (("tail", "--type", "VoteCas"), ("VoteCast",)),
        (("tail", "--lang", "fr"), ("--lang fr", "zh", "en", "MICROGOV_LANG")),
        (("check", "--lang", "fr"), ("--lang fr",)),
        (("demo", "order", "--lang", "fr"), ("--lang fr",)),
        (("inbox", "p-1", "--lang", "EN"), ("--lang EN",)),
        (("quarantine", "list", "--lang", "fr"), ("--lang fr",)),
        (("list", "issues", "--json", "--csv"), ("--json", "--csv", "只能选其一")),
        (("due", "--json", "--csv"), ("--json", "--csv")),
        (("rates", "--from", NIGHT, "--to", NIGHT, "--json", "--csv"), ("--json", "--csv")),
        (("due", "--within", "soon"), ("soon is no span", "不是时长")),
        (("rates", "--from", "2026-03-01T00:00:00", "--to", NIGHT), ("no time zone", "缺少时区")),
        (("list", "issues", "--due-before", "soon"), ("soon is no time", "不是时间")),
    ],
)
def test_a_wrong_value_is_named_with_what_is_possible(
    arguments: tuple[str, ...], said: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(list(arguments)) == 2

    got = capsys.readouterr()
    assert got.out == ""
    assert [word for word in said if word not in got.err] == []


def test_a_language_of_the_environment_is_checked_where_it_is_used(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MICROGOV_LANG", "fr")

    assert run(["tail"]) == 2
    assert "--lang fr" in capsys.readouterr().err
