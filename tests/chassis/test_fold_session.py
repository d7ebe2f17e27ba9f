"""The fold's session writes exactly what SQLAlchemy's own flush would write, for random steps of a handler."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.services.chassis.columns import FoldedBase
from microgov.services.chassis.store.engine import engine
from microgov.services.chassis.store.fold_session.children import KeyPrefix, rows_under
from microgov.services.chassis.store.fold_session.session import FoldSession
from tests.support.property_budget import TRIES
from tests.support.servers import PostgresServer


class Base(FoldedBase):
    __abstract__ = True


class ThingRow(Base):
    __tablename__ = "thing"
    a: Mapped[str] = mapped_column(primary_key=True)
    b: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str | None]
    count: Mapped[int] = mapped_column(default=3)
    at: Mapped[datetime | None]
    parts: Mapped[list[Any]]
    yes: Mapped[bool]


TEXTS = st.one_of(st.none(), st.text(max_size=3).filter(lambda text: text.isprintable()))
KEYS = st.tuples(st.sampled_from("xyz"), st.integers(0, 2))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), KEYS, st.text(alphabet="ab 菜\"'\\", max_size=4)),
        st.tuples(st.just("text"), KEYS, TEXTS),
        st.tuples(st.just("count"), KEYS, st.integers(-5, 2**40)),
        st.tuples(st.just("delete"), KEYS, st.none()),
        st.tuples(st.just("query"), KEYS, st.none()),
        st.tuples(st.just("family"), KEYS, st.none()),
        st.tuples(st.just("cut"), KEYS, st.none()),
    ),
    max_size=30,
)


def do(s: Session, step: tuple[str, tuple[str, int], Any], flush: Callable[[], None]) -> Any:
    kind, key, value = step
    row = s.get(ThingRow, key)
    if kind == "add" and row is None:
        s.add(
            ThingRow(
                a=key[0],
                b=key[1],
                text=value,
                at=datetime(2026, 1, 1, tzinfo=UTC),
                parts=[value, 1],
                yes=bool(value),
            )
        )
    elif kind == "text" and row is not None:
        row.text = value
    elif kind == "count" and row is not None:
        row.count, row.parts = value, [value]
    elif kind == "delete" and row is not None:
        s.delete(row)
    elif kind == "query":
        flush()
        found = s.scalars(sa.select(ThingRow).order_by(ThingRow.a, ThingRow.b)).all()
        return [(one.a, one.b, one.text, one.count) for one in found]
    elif kind == "family":
        return [
            (one.a, one.b, one.text, one.count) for one in [*family(s, key[0]), *family(s, key, ("x", 2))]
        ]
    return None


def family(s: Session, *parents: Any) -> list[ThingRow]:
    """The rows with these parents, by the fold's session or by one of SQLAlchemy."""
    if isinstance(s, FoldSession):
        return rows_under(s, ThingRow, *parents)
    begins = [parent if isinstance(parent, tuple) else (parent,) for parent in parents]
    first = sa.tuple_(ThingRow.a, ThingRow.b) if len(begins[0]) > 1 else sa.tuple_(ThingRow.a)
    return list(s.scalars(sa.select(ThingRow).where(first.in_(begins)).order_by(ThingRow.a, ThingRow.b)))


def rows(made: Engine) -> list[Any]:
    with made.connect() as c:
        return [
            tuple(row) for row in c.execute(sa.select(ThingRow.__table__).order_by(ThingRow.a, ThingRow.b))
        ]


def run(made: Engine, steps: list[Any], ours: bool) -> tuple[list[Any], list[Any]]:
    """Executes the steps by the fold's session (`ours`) or by SQLAlchemy's. Returns the rows at the end and all results."""
    with made.begin() as c:
        Base.metadata.drop_all(c)
        Base.metadata.create_all(c)
    seen: list[Any] = []
    batches: list[list[Any]] = [[]]
    for step in steps:
        batches.append([]) if step[0] == "cut" else batches[-1].append(step)
    for batch in batches:
        with made.begin() as c:
            if ours:
                mine = FoldSession(c)
                mine.load((ThingRow, key) for _, key, _ in batch[::2])
                mine.load((ThingRow, KeyPrefix("x")) for _, key, _ in batch if key[0] == "x")
                seen += [do(mine, step, lambda: None) for step in batch]
                mine.write()
                mine.close()
            else:
                s = Session(c, autoflush=False)
                for step in batch:
                    seen.append(do(s, step, s.flush))
                    s.flush()
                s.close()
    return rows(made), seen


@given(steps=STEPS)
@example(
    steps=[
        ("add", ("y", 1), "a"),
        ("cut", ("y", 1), None),
        ("delete", ("y", 1), None),
        ("family", ("y", 2), None),
    ]
)
@pytest.mark.machine
@settings(max_examples=40 * TRIES, deadline=None)
def test_on_sqlite(steps: list[Any]) -> None:
    made = engine("sqlite://")

    assert run(made, steps, ours=True) == run(made, steps, ours=False)
    made.dispose()


@pytest.fixture(scope="module")
def pg(postgres: PostgresServer) -> Any:
    made = engine(postgres.create("session_test"))
    yield made
    made.dispose()


@given(steps=STEPS)
@pytest.mark.machine
@settings(max_examples=10 * TRIES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_on_postgresql(pg: Engine, steps: list[Any]) -> None:
    assert run(pg, steps, ours=True) == run(pg, steps, ours=False)
