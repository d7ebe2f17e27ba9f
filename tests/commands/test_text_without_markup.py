"""Text that people wrote is printed as it is: the terminal library finds no markup in it."""

import json
from pathlib import Path
from typing import Any

from microgov.commands import base
from tests.commands.conftest import CommandLine
from tests.commands.test_send_and_show import message, write

TITLE = "[/bold]门[link=u]看[/link][red]:bus:"
"""A title that holds markup of the terminal library."""


def messages_with_markup(tenant: str) -> list[dict[str, Any]]:
    """A resident, a branch and a place; an issue with that title, which is accepted."""
    person = {"household": "h", "place": tenant}
    community = {"name": TITLE, "parent": tenant, "kind": "community"}
    return [
        message("a-1", "directory.register_person.v1", "p-1", "office", **person),
        message("a-2", "directory.grant_role.v1", "p-1", "office", role="resident", place=tenant),
        message("a-4", "directory.define_place.v1", "yard", "office") | {"data": community},
        marked_issue(tenant),
        message("a-5", "directory.register_person.v1", "p-2", "office", **person),
        message("a-6", "directory.grant_role.v1", "p-2", "office", role="branch", place=tenant),
        message("a-7", "issues.accept_issue.v1", "veg", "p-2"),
    ]


def marked_issue(tenant: str, id: str = "a-3", subject: str = "veg") -> dict[str, Any]:
    values = {"title": TITLE, "text": TITLE, "place": tenant, "channel": "app"}
    return message(id, "issues.submit_issue.v1", subject, "p-1", **values)


def commands_with_markup(folder: Path) -> tuple[tuple[str, ...], ...]:
    """Calls that print what people wrote, or get it as an argument; the first four print the title itself."""
    rules = folder / "rules.yaml"
    rules.write_text(f"section: issues\nno_such_field: '{TITLE}'\n", "utf-8")
    listed = folder / "o.csv"
    listed.write_text(f"id,name,kind\norg-1,{TITLE},{TITLE}\n", "utf-8")
    return (
        ("show", "issue", "veg"),
        ("list", "issues"),
        ("tail", "--from", "1"),
        ("inbox", "p-1"),
        ("show", "issue", TITLE),
        ("rules", "apply", str(rules)),
        ("import", "organisations", str(listed)),
        ("quarantine", "show", "issues", "3"),
        ("household", "read", "h", "--by", TITLE, "--why", "care"),
        ("tail", "--type", TITLE),
        ("publishers", "revoke", TITLE),
        ("demo", "order", "--prefix", TITLE),
        ("log", "verify", TITLE),
        ("clock", "advance", "--to", TITLE),
        ("send", str(folder / TITLE)),
    )


async def test_text_of_people_is_printed_unchanged_by_every_command(
    line: CommandLine, tmp_path: Path
) -> None:
    sent = await line("send", write(tmp_path, *messages_with_markup(line.tenant)))
    alone = await line("send", write(tmp_path, marked_issue(line.tenant, "a-8", "veg-2")))
    refused = await line("send", write(tmp_path, marked_issue(line.tenant, TITLE)))
    said = [await line(*words) for words in commands_with_markup(tmp_path)]

    assert sent.code == 0, sent
    everything = "".join(one.out + one.err for one in (sent, alone, refused, *said))
    assert "Traceback" not in everything
    assert "MarkupError" not in everything
    assert "\x1b" not in everything
    assert [one.code for one in said if one.code == 70] == []
    for one in (alone, *said[:4]):
        assert TITLE in one.out, one
    assert json.dumps(TITLE, ensure_ascii=False)[1:-1] in (await line("show", "issue", "veg", "--json")).out


def test_no_command_enables_markup_for_text_of_people() -> None:
    """All commands use `base.Terminal`, and none enables markup: a title could style, link or break the output."""
    sources = {path: path.read_text("utf-8") for path in (Path(base.__file__).parents[1]).rglob("*.py")}
    spellings = ("from_markup", "markup=True", "emoji=True", "rich.markup", "rich import print", "print_json")

    assert {str(path) for path, text in sources.items() for one in spellings if one in text} == set()
    made = [path.name for path, text in sources.items() if "Console(" in text.replace("(Console)", "")]
    assert made == []
    columns = [line for text in sources.values() for line in text.splitlines() if "TextColumn(" in line]
    assert columns
    assert all("markup=False" in line for line in columns)
