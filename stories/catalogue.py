"""All stories, by the name that `microgov demo` takes and that the recording in tests/logs/ has."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from microgov.stories.advice import advice
from microgov.stories.campaign import campaign
from microgov.stories.careteam import careteam
from microgov.stories.dialect import dialect
from microgov.stories.drain import drain
from microgov.stories.fair import fair
from microgov.stories.hospital import hospital
from microgov.stories.hotline import hotline
from microgov.stories.joint import joint
from microgov.stories.order import order
from microgov.stories.overhaul import overhaul
from microgov.stories.pipe import pipe
from microgov.stories.quarrel import quarrel
from microgov.stories.reopened import reopened
from microgov.stories.round import visiting_round
from microgov.stories.roundtable import roundtable
from microgov.stories.secret import secret
from microgov.stories.sheds import sheds
from microgov.stories.story import Story
from microgov.stories.vegetable_patch import vegetable_patch
from microgov.stories.wish import wish


class CatalogueEntry(NamedTuple):
    """A story that can be played. `make` takes the prefix of all ids, the time at which the story begins, and the tenant.

    `about` is the help text of its command: one line on what the story is about.
    """

    make: Callable[[str, datetime, str], Story]
    about: str


STORIES: Mapping[str, CatalogueEntry] = {
    "vegetable-patch": CatalogueEntry(
        vegetable_patch, "A small matter, from the first word to the survey · 菜地"
    ),
    "order": CatalogueEntry(order, "Offered, ordered, assigned, served, rated · 点单"),
    "drain": CatalogueEntry(drain, "Declined, appealed, sent back three times, on hold · 下水道"),
    "reopened": CatalogueEntry(reopened, "The vegetable patch, and what comes after it · 重办"),
    "pipe": CatalogueEntry(pipe, "An emergency: acted upon at once, deliberated afterwards · 水管爆裂"),
    "quarrel": CatalogueEntry(
        quarrel, "Clocks in working days, no consensus, a mediation in confidence · 停车纠纷"
    ),
    "hotline": CatalogueEntry(
        hotline, "A case of another system, which comes twice and is one issue · 热线来件"
    ),
    "secret": CatalogueEntry(
        secret, "A delicate question: a secret ballot, counted after the close · 棋牌室"
    ),
    "sheds": CatalogueEntry(sheds, "Three communities, 234 charging sheds, 500 places at least · 充电棚"),
    "round": CatalogueEntry(
        visiting_round, "Visits to households and an enterprise: three lists, a file, feedback · 入户联企走亲"
    ),
    "overhaul": CatalogueEntry(
        overhaul, "A residents' council to which too few come, and a second, by household · 小区改造"
    ),
    "roundtable": CatalogueEntry(
        roundtable, "It recurs: needs and ideas, a disagreement settled, a topic on the agenda · 圆桌议事会"
    ),
    "campaign": CatalogueEntry(
        campaign, "A whole round of visits: 100 households, 20 enterprises, its coverage · 走亲全覆盖"
    ),
    "fair": CatalogueEntry(
        fair, "Twelve slots, forty orders, waiting lists, a slot that falls away · 理发便民日"
    ),
    "hospital": CatalogueEntry(
        hospital, "A social worker leads, a volunteer drops out an hour before; their hours · 陪诊"
    ),
    "careteam": CatalogueEntry(
        careteam, "What a care team sees becomes an issue; its landlord moves away · 128联户"
    ),
    "dialect": CatalogueEntry(dialect, "A visit that only two people can do · 温州话"),
    "advice": CatalogueEntry(advice, "An enterprise orders legal advice; a licence runs out · 法律咨询"),
    "wish": CatalogueEntry(wish, "A wish that nobody can fulfil, and how the reasons are explained · 微心愿"),
    "joint": CatalogueEntry(joint, "The property company and an organisation deliver it together · 联合服务"),
}
FIRST_STORIES = ("vegetable-patch", "order", "drain")
"""The stories that `microgov demo first` tells."""
