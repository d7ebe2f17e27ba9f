"""`microgov demo`: plays the stories against running services and shows what happens."""

import secrets
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from microgov.client import simulated_clock
from microgov.client.publisher import Client
from microgov.commands.base import DEMO, Lang, Tenant, echo, examples, group, out, with_client
from microgov.commands.check import check_and_show
from microgov.demo.player import Player
from microgov.stories.catalogue import FIRST_STORIES, STORIES

app = group("Plays stories of a neighbourhood and shows what happens · 故事")
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
EXAMPLES = examples("microgov demo all", "microgov demo order --lang en")
Prefix = Annotated[str | None, typer.Option(help="the prefix of all ids; random if not given · 编号前缀")]


def fresh_prefix() -> str:
    """A random prefix of five characters, which hardly any earlier story has used."""
    return secrets.choice(ALPHABET[:22]) + "".join(secrets.choice(ALPHABET) for _ in range(4))


def _command(names: Sequence[str], about: str) -> Callable[..., None]:
    def play(tenant: Tenant = DEMO, lang: Lang = None, prefix: Prefix = None) -> None:
        _play(names, tenant, lang, prefix)

    play.__doc__ = about
    return play


for _name, _story in STORIES.items():
    app.command(_name, epilog=EXAMPLES)(_command([_name], _story.about))
app.command("first", epilog=EXAMPLES)(_command(FIRST_STORIES, "Three to begin with · 先看这三个"))
app.command("all", epilog=EXAMPLES)(
    _command(tuple(STORIES), "Every one of them, one after another · 全部故事")
)


def _play(names: Sequence[str], tenant: str, lang: str | None, prefix: str | None) -> None:
    async def play(client: Client) -> None:
        for number, name in enumerate(names, 1):
            if len(names) > 1:
                echo(
                    f"第 {number}/{len(names)} 个：{name}",
                    f"Story {number} of {len(names)}: {name}",
                    lang,
                    "bold magenta",
                )
            ids = fresh_prefix() if prefix is None else prefix if len(names) == 1 else f"{prefix}{number}"
            story = STORIES[name].make(ids, await simulated_clock.now(client), tenant)
            sent = await Player(client, out, lang).play(story)
            audit = await check_and_show(client, lang)
            echo(
                f"故事讲完：发出 {sent} 条，日志共 {audit.count} 条。",
                f"The story is told: {sent} messages sent, {audit.count} in the log.",
                lang,
                "bold",
            )
            echo("接着可以看：", "What to look at next:", lang)
            for command in story.next_commands:
                out.print(f"    microgov {command} --tenant {tenant}")

    with_client(tenant, play)
