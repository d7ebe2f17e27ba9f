"""`microgov demo`: the stories, played through the real front door and told as they happen."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import typer

from services import simclock
from services.client import Client
from services.commands.base import DEMO, Lang, Tenant, examples, group, out, say, with_client
from services.commands.check import walked
from services.stories.advice import advice
from services.stories.campaign import campaign
from services.stories.careteam import careteam
from services.stories.dialect import dialect
from services.stories.drain import drain
from services.stories.fair import fair
from services.stories.hospital import hospital
from services.stories.hotline import hotline
from services.stories.joint import joint
from services.stories.order import order
from services.stories.overhaul import overhaul
from services.stories.pipe import pipe
from services.stories.play import Player
from services.stories.quarrel import quarrel
from services.stories.reopened import reopened
from services.stories.round import visiting_round
from services.stories.roundtable import roundtable
from services.stories.secret import secret
from services.stories.sheds import sheds
from services.stories.story import Story
from services.stories.vegetable_patch import vegetable_patch
from services.stories.wish import wish

app = group("The stories, told as they happen · 故事")
Make = Callable[[str, datetime, str], Story]
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
EXAMPLES = examples("microgov demo all", "microgov demo order --lang en")
Prefix = Annotated[str | None, typer.Option(help="of all ids; a fresh one if not given · 编号前缀")]


def fresh() -> str:
    """A prefix that no story has used, as far as chance goes."""
    return secrets.choice(ALPHABET[:22]) + "".join(secrets.choice(ALPHABET) for _ in range(4))


@app.command("vegetable-patch", epilog=EXAMPLES)
def play_patch(tenant: Tenant = DEMO, lang: Lang = None, prefix: Prefix = None) -> None:
    """A small matter, from the first word to the survey · 菜地"""
    _play([vegetable_patch], tenant, lang, prefix)


@app.command("order", epilog=EXAMPLES)
def play_order(tenant: Tenant = DEMO, lang: Lang = None, prefix: Prefix = None) -> None:
    """Offered, ordered, assigned, served, rated · 点单"""
    _play([order], tenant, lang, prefix)


@app.command("drain", epilog=EXAMPLES)
def play_drain(tenant: Tenant = DEMO, lang: Lang = None, prefix: Prefix = None) -> None:
    """Declined, appealed, sent back three times, on hold · 下水道"""
    _play([drain], tenant, lang, prefix)


@app.command("pipe", epilog=EXAMPLES)
def play_pipe(tenant: Tenant = DEMO, lang: Lang = None, prefix: Prefix = None) -> None:
    """An emergency: acted upon at once, deliberated afterwards · 水管爆裂"""
    _play([pipe], tenant, lang, prefix)


@app.command("hotline", epilog=EXAMPLES)
def play_hotline(tenant: Tenant = DEMO, lang: Lang = None, prefix: Prefix = None) -> None:
    """A case of another system, which comes twice and is one issue · 热线来件"""
    _play([hotline], tenant, lang, prefix)


@app.command("quarrel", epilog=EXAMPLES)
def play_quarrel(tenant: Tenant = DEMO, lang: Lang = None, prefix: Prefix = None) -> None:
    """Clocks in working days, no consensus, a mediation in confidence · 停车纠纷"""
    _play([quarrel], tenant, lang, prefix)


@app.command("sheds", epilog=EXAMPLES)
def play_sheds(tenant: Tenant = DEMO, lang: Lang = None, prefix: Prefix = None) -> None:
    """Three communities, 234 charging sheds, 500 places at least · 充电棚"""
    _play([sheds], tenant, lang, prefix)


@app.command("round", epilog=EXAMPLES)
def play_round(tenant: Tenant = DEMO, lang: Lang = None, prefix: Prefix = None) -> None:
    """Visits to households and an enterprise: three lists, one file, one feedback · 入户联企走亲"""
    _play([visiting_round], tenant, lang, prefix)


@app.command("reopened", epilog=EXAMPLES)
def play_reopened(tenant: Tenant = DEMO, lang: Lang = None, prefix: Prefix = None) -> None:
    """The vegetable patch, and what comes after it · 重办"""
    _play([reopened], tenant, lang, prefix)


@app.command("campaign", epilog=EXAMPLES)
def play_campaign(tenant: Tenant = DEMO, lang: Lang = None, prefix: Prefix = None) -> None:
    """A whole round of visits: 100 households, 20 enterprises, its coverage · 走亲全覆盖"""
    _play([campaign], tenant, lang, prefix)


@app.command("overhaul", epilog=EXAMPLES)
def play_overhaul(tenant: Tenant = DEMO, lang: Lang = None, prefix: Prefix = None) -> None:
    """A residents' council to which too few come, and a second, by household · 小区改造"""
    _play([overhaul], tenant, lang, prefix)


@app.command("roundtable", epilog=EXAMPLES)
def play_roundtable(tenant: Tenant = DEMO, lang: Lang = None, prefix: Prefix = None) -> None:
    """It recurs: needs and ideas, a disagreement settled, a topic on the agenda · 圆桌议事会"""
    _play([roundtable], tenant, lang, prefix)


@app.command("secret", epilog=EXAMPLES)
def play_secret(tenant: Tenant = DEMO, lang: Lang = None, prefix: Prefix = None) -> None:
    """A delicate question: a secret ballot, counted after the close · 棋牌室"""
    _play([secret], tenant, lang, prefix)


@app.command("fair", epilog=EXAMPLES)
def play_fair(tenant: Tenant = DEMO, lang: Lang = None, prefix: Prefix = None) -> None:
    """Twelve slots, forty orders, waiting lists, a slot that falls away · 理发便民日"""
    _play([fair], tenant, lang, prefix)


@app.command("hospital", epilog=EXAMPLES)
def play_hospital(tenant: Tenant = DEMO, lang: Lang = None, prefix: Prefix = None) -> None:
    """A social worker leads, a volunteer drops out an hour before; their hours · 陪诊"""
    _play([hospital], tenant, lang, prefix)


@app.command("careteam", epilog=EXAMPLES)
def play_careteam(tenant: Tenant = DEMO, lang: Lang = None, prefix: Prefix = None) -> None:
    """What a care team sees becomes an issue; its landlord moves away · 128联户"""
    _play([careteam], tenant, lang, prefix)


@app.command("dialect", epilog=EXAMPLES)
def play_dialect(tenant: Tenant = DEMO, lang: Lang = None, prefix: Prefix = None) -> None:
    """A visit that only two people can do · 温州话"""
    _play([dialect], tenant, lang, prefix)


@app.command("advice", epilog=EXAMPLES)
def play_advice(tenant: Tenant = DEMO, lang: Lang = None, prefix: Prefix = None) -> None:
    """An enterprise orders legal advice; a licence runs out · 法律咨询"""
    _play([advice], tenant, lang, prefix)


@app.command("joint", epilog=EXAMPLES)
def play_joint(tenant: Tenant = DEMO, lang: Lang = None, prefix: Prefix = None) -> None:
    """The property company and an organisation deliver it together · 联合服务"""
    _play([joint], tenant, lang, prefix)


@app.command("wish", epilog=EXAMPLES)
def play_wish(tenant: Tenant = DEMO, lang: Lang = None, prefix: Prefix = None) -> None:
    """A wish that nobody can fulfil, and how he hears of it · 微心愿"""
    _play([wish], tenant, lang, prefix)


@app.command("all", epilog=EXAMPLES)
def play_all(tenant: Tenant = DEMO, lang: Lang = None, prefix: Prefix = None) -> None:
    """The first three · 前三个"""
    _play([vegetable_patch, order, drain], tenant, lang, prefix)


def _play(stories: list[Make], tenant: str, lang: str | None, prefix: str | None) -> None:
    async def play(client: Client) -> None:
        for make in stories:
            told = make(prefix or fresh(), await simclock.now(client), tenant)
            sent = await Player(client, out, lang).play(told)
            audit = await walked(client, lang)
            say(
                f"故事讲完：发出 {sent} 条，日志共 {audit.count} 条。",
                f"The story is told: {sent} messages sent, {audit.count} in the log.",
                lang,
                "bold",
            )
            say("接着可以看：", "What to look at next:", lang)
            for look in told.look:
                out.print(f"    microgov {look} --tenant {tenant}", markup=False)

    with_client(tenant, play)
