"""The household file 家庭档案, in kept tables only: its contents are never folded and never in the log (domain.md §2.4)."""

import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts import issues
from microgov.contracts.fields import NEVER_HELD
from microgov.services.chassis.model import Refused
from microgov.services.issues.model import Kept, Person
from microgov.services.issues.visits.visit import Visit


class HouseholdFile(Kept):
    """The file of a household, kept with its consent; `entries` maps names of entries to texts."""

    __tablename__ = "household_file"
    __table_args__ = {  # noqa: RUF012  # SQLAlchemy reads a plain class attribute
        "info": {
            "erased_by": "household",
            "told_on": issues.HouseholdFileKept.TYPE,
            "erased_on": issues.HouseholdFileErased.TYPE,
        }
    }
    household: Mapped[str] = mapped_column(primary_key=True)
    kept_by: Mapped[str]
    consented_by: Mapped[str]
    entries: Mapped[dict[str, Any]]


class FileUse(Kept):
    """A use of a file: `what` is `kept`, `read` or `erased`; `at` is the machine's time in UTC.

    The row is written in the transaction that reads the file, so every use has a row. The edge then reports it to the log
    and sets `told`.
    """

    __tablename__ = "file_use"
    id: Mapped[str] = mapped_column(primary_key=True)
    household: Mapped[str]
    what: Mapped[str]
    by: Mapped[str]
    why: Mapped[str | None]
    consented_by: Mapped[str | None]
    at: Mapped[datetime]
    told: Mapped[bool] = mapped_column(index=True)

    @classmethod
    def put(
        cls, s: Session, household: str, what: str, by: str, why: str | None, consented_by: str | None = None
    ) -> None:
        s.add(
            cls(
                id=str(uuid.uuid4()),
                household=household,
                what=what,
                by=by,
                why=why,
                consented_by=consented_by,
                at=datetime.now(UTC),
                told=False,
            )
        )


def keep(q: issues.KeepHouseholdFile, s: Session) -> issues.HouseholdFileShown:
    """Writes the whole file, replacing an earlier one."""
    _check_visitor(q.by, q.household, s)
    person = s.get(Person, q.consented_by)
    if person is None or person.household != q.household:
        raise Refused(
            "not_of_this_household",
            f"{q.consented_by} 不是户 {q.household} 的人。请由户内的人同意。",
            f"{q.consented_by} is not of the household {q.household}. Somebody of it consents.",
            "consented_by",
        )
    _check_entries([one.name for one in q.entries])
    s.merge(
        HouseholdFile(
            household=q.household,
            kept_by=q.by,
            consented_by=q.consented_by,
            entries={one.name: one.text for one in q.entries},
        )
    )
    FileUse.put(s, q.household, "kept", q.by, None, q.consented_by)
    return issues.HouseholdFileShown(
        household=q.household, kept_by=q.by, consented_by=q.consented_by, entries=q.entries
    )


def read(q: issues.ReadHouseholdFile, s: Session) -> issues.HouseholdFileShown:
    """Returns the file, and records who read it and why."""
    row = _file(q.by, q.household, s)
    FileUse.put(s, q.household, "read", q.by, q.why)
    return _shown(row, [issues.FileEntry(name=name, text=text) for name, text in sorted(row.entries.items())])


def erase(q: issues.EraseHouseholdFile, s: Session) -> issues.HouseholdFileShown:
    """Deletes the file, and records who erased it and why."""
    row = _file(q.by, q.household, s)
    s.delete(row)
    FileUse.put(s, q.household, "erased", q.by, q.why)
    return _shown(row, [])


def _shown(row: HouseholdFile, entries: list[issues.FileEntry]) -> issues.HouseholdFileShown:
    return issues.HouseholdFileShown(
        household=row.household, kept_by=row.kept_by, consented_by=row.consented_by, entries=entries
    )


def _file(by: str, household: str, s: Session) -> HouseholdFile:
    """The household's file for one of its visitors; raises `not_their_visitor` or `not_found`."""
    _check_visitor(by, household, s)
    row = s.get(HouseholdFile, household)
    if row is None:
        raise Refused(
            "not_found",
            f"户 {household} 没有档案。请核对编号。",
            f"There is no file of the household {household}. Check its id.",
            "household",
        )
    return row


def _check_visitor(by: str, household: str, s: Session) -> None:
    """Raises the refusal `not_their_visitor` unless this person has made a visit to the household."""
    met = (
        select(Visit.id)
        .where(Visit.contact == household, Visit.kind == "household", Visit.visitor == by)
        .limit(1)
    )
    if s.execute(met).first() is None:
        raise Refused(
            "not_their_visitor",
            f"{by} 没有走访过户 {household}，不能查看或填写其档案。请由走访人办理。",
            f"{by} has not visited the household {household}. Whoever has does this.",
            "by",
        )


def _check_entries(names: list[str]) -> None:
    """Raises a refusal for an entry that is never held (domain.md §1), is unknown, or is named twice."""
    for n, name in enumerate(names):
        if name in NEVER_HELD:
            raise Refused(
                "never_held",
                f"{name} 是本系统一律不保存的内容。请删除。",
                f"{name} is something that this system never holds. Remove it.",
                f"entries.{n}.name",
            )
        if name not in issues.ENTRIES:
            raise Refused(
                "not_in_a_file",
                f"档案里没有 {name} 一栏。可填：{'、'.join(issues.ENTRIES)}。",
                f"A file has no entry {name}. It can have: {', '.join(issues.ENTRIES)}.",
                f"entries.{n}.name",
            )
        if name in names[:n]:
            raise Refused(
                "entry_twice",
                f"{name} 出现了两次。请合并。",
                f"{name} stands there twice. Put it into one.",
                f"entries.{n}.name",
            )
