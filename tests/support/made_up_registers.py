"""Made-up registers from a seed: organisations, enterprises, providers and offers of 40 communities.

    python -m tests.support.made_up_registers FOLDER --seed 7 --tenant demo

writes `house.ndjson` for `microgov send`, and three sheets for `microgov import`.

Nothing in it is about anybody real: names are made of trade words and numbers, persons are references.
"""

import csv
import json
import random
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

COMMUNITIES, ORGANISATIONS, ENTERPRISES, PROVIDERS, OFFERS = 40, 538, 70, 200, 60
DOMAINS = (
    "care",
    "repair",
    "reading",
    "legal",
    "dance",
    "greening",
    "first_aid",
    "parenting",
    "mediation",
    "sport",
)
TRADES = ("互助", "乐龄", "亲子", "书香", "绿植", "维修", "健步", "普法", "急救", "手作")
LANGUAGES = ("mandarin", "hangzhou", "wenzhou", "cantonese", "english")
MODULES = ("womens_rights", "parent_child", "reemployment", "convenience", "repair", "care", "legal")
HANGZHOU = timezone(timedelta(hours=8))
FIRST = datetime(2026, 4, 4, 9, tzinfo=HANGZHOU)
"""The earliest start of a slot."""


@dataclass(frozen=True)
class Sheets:
    """Messages that the office sends first, and the rows of three sheets."""

    deployment: list[dict[str, Any]] = field(default_factory=list)
    organisations: list[dict[str, str]] = field(default_factory=list)
    providers: list[dict[str, str]] = field(default_factory=list)
    offers: list[dict[str, str]] = field(default_factory=list)


def generate(seed: int, tenant: str) -> Sheets:
    """The sheets of a seed; the same seed always gives the same sheets."""
    chance, made = random.Random(seed), Sheets()
    communities = [f"community-{n:02}" for n in range(1, COMMUNITIES + 1)]
    for n, community in enumerate(communities, 1):
        pin = {
            "latitude": 30_400_000 + chance.randrange(60_000),
            "longitude": 120_250_000 + chance.randrange(90_000),
            "crs": "gcj02",
        }
        place = {"kind": "community", "name": f"第{n}社区", "parent": tenant, "pin": pin}
        made.deployment.append(_message("directory.define_place.v1", community, place))
    enterprises = [f"ent-{n:03}" for n in range(1, ENTERPRISES + 1)]
    made.organisations.extend(_enterprise(id, chance, communities) for id in enterprises)
    made.organisations.extend(
        _organisation(n, chance, communities, enterprises) for n in range(1, ORGANISATIONS + 1)
    )
    for n in range(1, PROVIDERS + 1):
        made.deployment.append(_person(f"per-{n:04}", chance.choice(communities), n))
        made.providers.append(_provider(n, chance))
    for n in range(1, OFFERS + 1):
        rep = f"rep-{n:03}"
        made.deployment.append(_person(rep, communities[0], 9000 + n))
        made.deployment.append(
            _message("directory.grant_role.v1", rep, {"role": "organisation", "place": tenant})
        )
        made.offers.extend(_offer(n, chance, made.organisations[ENTERPRISES + n - 1]))
    return made


def _message(kind: str, subject: str, data: dict[str, Any]) -> dict[str, Any]:
    """A message of this type, sent by the office."""
    id = f"gen-{kind.split('.')[1]}-{subject}"
    return {
        "specversion": "1.0",
        "id": id,
        "source": "/generated",
        "type": kind,
        "subject": subject,
        "authid": "office",
        "data": data,
    }


def _person(id: str, place: str, household: int) -> dict[str, Any]:
    """The message that registers a person."""
    return _message("directory.register_person.v1", id, {"household": f"house-{household}", "place": place})


def _sample(chance: random.Random, among: Iterable[str], most: int) -> str:
    """One to `most` of the words, drawn and sorted, separated by semicolons."""
    found = list(among)
    return "; ".join(sorted(chance.sample(found, chance.randint(1, min(most, len(found))))))


def _enterprise(id: str, chance: random.Random, communities: list[str]) -> dict[str, str]:
    """A row of an enterprise in the sheet of organisations."""
    return {
        "id": id,
        "name": f"企业{id[-3:]}",
        "kind": "enterprise",
        "status": "registered",
        "stage": "active",
        "domains": "",
        "places": chance.choice(communities),
        "enterprises": "",
        "representatives": f"boss-{id[-3:]}",
    }


def _organisation(
    n: int, chance: random.Random, communities: list[str], enterprises: list[str]
) -> dict[str, str]:
    """A row of an organisation; the first sixty, which have offers, are active."""
    stage = (
        "active" if n <= OFFERS else chance.choice(("applying", "incubating", "active", "active", "dormant"))
    )
    kind = chance.choices(("organisation", "university", "team"), (90, 2, 8))[0]
    return {
        "id": f"org-{n:03}",
        "name": f"{TRADES[n % 10]}社{n:03}",
        "kind": kind,
        "status": chance.choices(("filed", "registered"), (80, 20))[0],
        "stage": stage,
        "domains": _sample(chance, DOMAINS, 3),
        "places": _sample(chance, communities, 3),
        "enterprises": _sample(chance, enterprises, 2) if chance.random() < 0.3 else "",
        "representatives": f"rep-{n:03}",
    }


def _provider(n: int, chance: random.Random) -> dict[str, str]:
    """A row of a provider: qualifications, languages and two weekly times of availability."""
    verified = [f"check:health=2027-{chance.randint(1, 12):02}-28"] if chance.random() < 0.6 else []
    verified += ["skill:first_aid"] if chance.random() < 0.2 else []
    hours = (
        f"{day} {chance.choice(('09:00-12:00', '14:00-17:30'))}"
        for day in sorted(chance.sample(range(1, 8), 2))
    )
    return {
        "person": f"per-{n:04}",
        "organisations": f"org-{chance.randint(1, ORGANISATIONS):03}",
        "roles": chance.choices(("volunteer", "social_worker"), (90, 10))[0],
        "languages": _sample(chance, LANGUAGES, 3),
        "qualifications": "; ".join(verified),
        "availability": "; ".join(hours),
        "days_off": "",
    }


def _offer(n: int, chance: random.Random, organisation: dict[str, str]) -> Iterator[dict[str, str]]:
    """The rows of an offer: every tenth is a fair of twelve slots, the others have no slot or one or two."""
    place = organisation["places"].split("; ")[0]
    offered = {
        "id": f"offer-{n:03}",
        "organisation": organisation["id"],
        "title": f"服务{n:03}",
        "place": place,
        "module": "convenience" if n % 10 == 0 else chance.choice(MODULES),
        "requires": "check:health" if chance.random() < 0.3 else "",
        "representative": organisation["representatives"],
    }
    slots = 12 if n % 10 == 0 else chance.randint(0, 2)
    if not slots:
        yield {**offered, **dict.fromkeys(("slot", "starts", "ends", "slot_place", "capacity"), "")}
    for at in range(slots):
        starts = FIRST + timedelta(days=n % 30, minutes=30 * at)
        yield {
            **offered,
            "slot": f"s{at + 1:02}",
            "starts": starts.isoformat(),
            "slot_place": place,
            "ends": (starts + timedelta(minutes=30)).isoformat(),
            "capacity": str(chance.randint(1, 4)),
        }


def write(folder: Path, sheets: Sheets) -> None:
    """Writes house.ndjson, organisations.csv, providers.csv and offers.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    messages = "\n".join(json.dumps(one, ensure_ascii=False) for one in sheets.deployment)
    (folder / "house.ndjson").write_text(f"{messages}\n", "utf-8")
    for name in ("organisations", "providers", "offers"):
        rows = getattr(sheets, name)
        with (folder / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            sheet = csv.DictWriter(file, rows[0])
            sheet.writeheader()
            sheet.writerows(rows)


def main() -> None:
    """The command line."""
    parser = ArgumentParser(description="Made-up registers from a seed.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--tenant", default="demo")
    given = parser.parse_args()
    write(given.folder, generate(given.seed, given.tenant))


if __name__ == "__main__":
    main()
