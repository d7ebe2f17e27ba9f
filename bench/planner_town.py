"""A made-up town and its week: a seed gives orders and volunteers in forty communities. Nothing is taken from a real
place.
"""

from dataclasses import replace
from random import Random

from microgov.services.matching.planner import Order, Point, Provider, Qualification, Snapshot, Task, Window
from microgov.services.matching.planner.snapshot import DAY

COMMUNITIES, DAYS = 40, 5
SKILLS = ("repair", "haircut", "escort", "tutoring", "legal")
FIRST_MIDNIGHT = 20_517 * DAY - 480
"""Midnight of Thursday 2026-03-05 in local time (UTC+08:00), in minutes since 1970 in UTC: the begin of the planned days."""


class Town:
    """A town of about 6 km × 6 km."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.centres = [
            (self.random.randrange(60_000), self.random.randrange(60_000)) for _ in range(COMMUNITIES)
        ]

    def week(self, orders: int, volunteers: int) -> Snapshot:
        """A snapshot for the planner, with orders and volunteers of five days."""
        return Snapshot(
            now=FIRST_MIDNIGHT,
            orders=tuple(self.order(n) for n in range(orders)),
            providers=tuple(self.volunteer(n) for n in range(volunteers)),
        )

    def order(self, n: int) -> Order:
        """A two-hour order. 10 % require a dialect; 5 % take two people, with a social worker as lead."""
        r, home = self.random, self.random.randrange(COMMUNITIES)
        starts = FIRST_MIDNIGHT + r.randrange(DAYS) * DAY + (8 + 2 * r.randrange(6)) * 60
        order = Order(
            id=f"order-{n:05}",
            version=1,
            beneficiary=f"b-{n}",
            path=(f"c-{home}", "town"),
            point=self._near(home),
            starts=starts,
            ends=starts + 120,
            requires=frozenset({r.choice(SKILLS)} if r.random() < 0.5 else ()),
            language="wenzhou" if r.random() < 0.1 else None,
            urgency=r.choices(("ordinary", "urgent", "emergency"), (90, 9, 1))[0],
            waited=r.randrange(15),
        )
        return replace(order, needed=2, lead_needed=True) if n % 20 == 0 else order

    def volunteer(self, n: int) -> Provider:
        """A volunteer who is available on four half days, in 5 to 20 communities around their own; every tenth is a
        social worker.
        """
        r, home = self.random, self.random.randrange(COMMUNITIES)
        x, y = self.centres[home]
        around = sorted(
            range(COMMUNITIES), key=lambda c: (self.centres[c][0] - x) ** 2 + (self.centres[c][1] - y) ** 2
        )
        halves = r.sample(range(2 * DAYS), 4)
        windows = [FIRST_MIDNIGHT + half // 2 * DAY + (8 + 6 * (half % 2)) * 60 for half in sorted(halves)]
        tasks = [Task(starts, starts + 60, self._near(home)) for starts in windows[:1] if r.random() < 0.3]
        return Provider(
            id=f"volunteer-{n:04}",
            version=1,
            role="social_worker" if n % 10 == 0 else "volunteer",
            areas=frozenset(f"c-{c}" for c in around[: r.randint(5, 20)]),
            point=self._near(home),
            qualifications=frozenset(Qualification(skill) for skill in r.sample(SKILLS, r.randint(1, 4))),
            languages=frozenset({"wenzhou"} if r.random() < 0.2 else ()),
            windows=tuple(Window(starts, starts + 360) for starts in windows),
            tasks=tuple(tasks),
            jobs=r.randrange(6),
            daily_cap=2,
        )

    def _near(self, home: int) -> Point:
        x, y = self.centres[home]
        return Point(
            30_400_000 + y + self.random.randint(-3000, 3000),
            120_280_000 + x + self.random.randint(-3000, 3000),
        )
