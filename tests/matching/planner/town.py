"""Small planner snapshots from Hypothesis, the rules that a plan may not break, and the best plan by exhaustive search."""

from collections import Counter
from itertools import combinations

from hypothesis import strategies as st

from microgov.contracts.rules.planner import PlanningRules
from microgov.services.matching.planner import (
    Order,
    Plan,
    Point,
    Provider,
    Qualification,
    Slot,
    Snapshot,
    Task,
    Window,
)
from microgov.services.matching.planner.candidates import Candidates
from microgov.services.matching.planner.explain import parts
from microgov.services.matching.planner.rules import HARD, clash, complete
from microgov.services.matching.planner.snapshot import DAY, ORGANISATION

WEIGHTS = PlanningRules()
NOW = 20_517 * DAY
"""The time of every snapshot, in minutes since 1970 (UTC)."""
Teams = dict[str, tuple[str, ...]]
"""The ids of the providers of each order, by the id of the order."""

points = st.none() | st.builds(
    Point,
    st.integers(30_400_000, 30_420_000),
    st.integers(120_280_000, 120_300_000),
    st.sampled_from(["wgs84", "gcj02"]),
)
start_minutes = st.sampled_from([0, 60, 90, 120, DAY, DAY + 60])
"""When something begins, in minutes after NOW."""


def _order(n: int) -> st.SearchStrategy[Order]:
    """Orders with the id `o-n`, with or without a time."""
    return st.builds(
        lambda at, **values: Order(
            id=f"o-{n}",
            version=n,
            beneficiary=f"b-{n % 3}",
            starts=at and NOW + at[0],
            ends=at and NOW + sum(at),
            **values,
        ),
        st.none() | st.tuples(start_minutes, st.sampled_from([30, 120])),
        path=st.sampled_from([("north", "town"), ("south", "town")]),
        point=points,
        requires=st.sampled_from([frozenset(), frozenset({"repair"})]),
        language=st.sampled_from([None, None, "wenzhou"]),
        urgency=st.sampled_from(["ordinary", "ordinary", "urgent", "emergency"]),
        waited=st.integers(0, 9),
        needed=st.sampled_from([1, 1, 1, 2]),
        lead_needed=st.booleans(),
        organisation=st.sampled_from([None, None, "org-1"]),
        slot=st.sampled_from([None, "slot-1"]),
        served_before=st.frozensets(st.sampled_from(["p-0", "p-1"]), max_size=1),
        planned=st.frozensets(st.sampled_from(["p-1", "p-2"]), max_size=1),
    )


def _provider(n: int) -> st.SearchStrategy[Provider]:
    """Providers with the id `p-n`: people or organisations."""
    window = st.builds(
        lambda at, long: Window(NOW + at, NOW + at + long), start_minutes, st.sampled_from([60, 240, 2 * DAY])
    )
    return st.builds(
        Provider,
        id=st.just(f"p-{n}"),
        version=st.just(n),
        organisation=st.sampled_from([None, "org-1"]),
        role=st.sampled_from(["volunteer", "volunteer", "social_worker", ORGANISATION]),
        leads=st.sampled_from([False, False, True]),
        areas=st.sampled_from([None, None, frozenset({"town"}), frozenset({"north"})]),
        point=points,
        qualifications=st.frozensets(
            st.builds(Qualification, st.just("repair"), st.sampled_from([None, 20_517, 20_518])), max_size=1
        ),
        languages=st.sampled_from([None, frozenset({"wenzhou"})]),
        windows=st.none() | st.lists(window, max_size=2).map(tuple),
        tasks=st.lists(
            st.builds(lambda at, p: Task(NOW + at, NOW + at + 60, p), start_minutes, points), max_size=1
        ).map(tuple),
        jobs=st.integers(0, 5),
        daily_cap=st.sampled_from([None, 1, 2]),
        conflicts=st.frozensets(st.sampled_from(["b-0", "b-1"]), max_size=1),
    )


def snapshots(orders: int, providers: int) -> st.SearchStrategy[Snapshot]:
    """Snapshots with at most so many orders and providers."""
    return st.builds(
        lambda o, p, free: Snapshot(NOW, tuple(o), tuple(p), (Slot("slot-1", 1, free),)),
        st.integers(0, orders).flatmap(lambda count: st.tuples(*map(_order, range(count)))),
        st.integers(0, providers).flatmap(lambda count: st.tuples(*map(_provider, range(count)))),
        st.integers(0, 3),
    )


def teams_of(plan: Plan) -> Teams:
    """The providers of each order in the plan."""
    found: dict[str, list[str]] = {}
    for one in plan.suggestions:
        found.setdefault(one.order, []).append(one.provider)
    return {order: tuple(sorted(team)) for order, team in found.items()}


def broken_rules(snapshot: Snapshot, chosen: Teams, weights: PlanningRules = WEIGHTS) -> set[str]:
    """The names of the hard rules that these teams break: of pairs first, then of teams, days, overlaps and slots."""
    orders, providers = {o.id: o for o in snapshot.orders}, {p.id: p for p in snapshot.providers}
    pairs = [(orders[o], providers[p]) for o, team in chosen.items() for p in team]
    found = {rule.name for o, p in pairs for rule in HARD if not rule.holds(o, p, snapshot, weights)}
    found |= {
        "complete" for o, team in chosen.items() if not complete(orders[o], [providers[p] for p in team])
    }
    days = Counter((p.id, snapshot.service_day(o)) for o, p in pairs if p.role != ORGANISATION)
    for (id, day), count in days.items():
        held = sum(snapshot.day(task.starts) == day for task in providers[id].tasks)
        cap = providers[id].daily_cap
        found |= {"daily_cap"} if count + held > (weights.daily_cap if cap is None else cap) else set()
    for (a, p), (b, q) in combinations(pairs, 2):
        if p is q and p.role != ORGANISATION and None not in (a.starts, a.ends, b.starts, b.ends):
            mine, other = (Task(o.starts or 0, o.ends or 0, o.point) for o in (a, b))
            found |= {"overlap"} if clash(mine, other, weights) else set()
    taken = Counter(orders[o].slot for o in chosen)
    return found | {"slot" for slot in snapshot.slots if taken[slot.id] > max(0, slot.free_places)}


def plan_value(snapshot: Snapshot, chosen: Teams, weights: PlanningRules = WEIGHTS) -> tuple[int, int]:
    """The weight of the orders served, then the negative cost: a better plan has the greater value."""
    candidates, orders = Candidates(snapshot, weights), {o.id: o for o in snapshot.orders}
    providers = {p.id: p for p in snapshot.providers}
    served = sum(candidates.weight(orders[o]) for o in chosen)
    costs = sum(
        part.metres
        for o, team in chosen.items()
        for p in team
        for part in parts(orders[o], providers[p], candidates)
    )
    return served, sum(weights.waited_metres * orders[o].waited for o in chosen) - costs


def best_value(snapshot: Snapshot) -> tuple[int, int]:
    """The value of the best plan, by trying every one that breaks no rule on the way."""
    options: list[tuple[str, list[tuple[str, ...]]]] = []
    for o in snapshot.orders:
        able = [
            p.id for p in snapshot.providers if not broken_rules(snapshot, {o.id: (p.id,)}) - {"complete"}
        ]
        some = [t for many in sorted({1, o.needed}) for t in combinations(sorted(able), many)]
        options.append((o.id, [t for t in some if not broken_rules(snapshot, {o.id: t})]))
    most = [max((plan_value(snapshot, {o: t}) for t in able), default=(0, 0)) for o, able in options]
    most = [max(one, (0, 0)) for one in most]

    def search(n: int, chosen: Teams, lead: tuple[int, int]) -> tuple[int, int]:
        """The best value of plans that extend `chosen` by orders from the n-th on, or `lead` if none is better."""
        mine = plan_value(snapshot, chosen)
        lead = max(lead, mine)
        rest = most[n:]
        if (
            n == len(options)
            or (mine[0] + sum(m[0] for m in rest), mine[1] + sum(max(0, m[1]) for m in rest)) <= lead
        ):
            return lead
        for team in options[n][1]:
            further = {**chosen, options[n][0]: team}
            if not broken_rules(snapshot, further):
                lead = search(n + 1, further, lead)
        return search(n + 1, chosen, lead)

    return search(0, {}, (0, 0))
