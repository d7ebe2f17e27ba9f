"""Imports a sheet, 200 rows at a time: compares them with what exists, sends messages and waits for their effects."""

import asyncio
import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from microgov.client.connection import Declined, Misuse
from microgov.client.publisher import Client, new_id
from microgov.contracts.fields import Words
from microgov.contracts.log import CommandRefused, MessageQuarantined
from microgov.contracts.receipt import Receipt
from microgov.contracts.validation.invalid_message import InvalidMessage
from microgov.importing import columns
from microgov.importing.columns import Row
from microgov.importing.rows import ENTRY_BUILDERS, Answer, Entry, RowPart, column, offer_id
from microgov.services.chassis.errors import Again

CHUNK_SIZE, QUESTIONS_AT_ONCE, EFFECT_SECONDS = 200, 32, 60.0
"""How many rows are imported together, how many questions are open at once, how many seconds to wait for effects."""


class ImportProblem(NamedTuple):
    """A problem with a row: `refused`, or `differs` from what exists. `field` is a column."""

    line: int
    result: str
    id: str
    field: str
    code: str
    message: Words


@dataclass
class Report:
    """Numbers of entries by result; all rows of an offer count as one entry."""

    new: int = 0
    there: int = 0
    differs: int = 0
    refused: int = 0

    @property
    def clean(self) -> bool:
        return not self.differs and not self.refused


class PlannedMessage(NamedTuple):
    """A message to be sent for an entry."""

    entry: Entry
    part: RowPart
    id: str
    raw: bytes


def numbered_rows(kind: str, path: Path) -> Iterator[tuple[int, Row]]:
    """The rows of a file by English column names, each with its first line number. Raises Misuse for a bad file."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            read = csv.reader(file)
            heads = columns.column_names(kind, next(read, []))
            line = read.line_num + 1
            for cells in read:
                if any(cell.strip() for cell in cells):
                    yield line, dict(zip(heads, cells, strict=False))
                line = read.line_num + 1
    except InvalidMessage as bad:
        raise Misuse(f"{path}：{bad.words.zh}", f"{path}: {bad.words.en}") from bad
    except UnicodeDecodeError as error:
        raise Misuse(
            f"{path} 不是 UTF-8 编码。请另存为“CSV UTF-8”。", f"{path} is not UTF-8. Save it as “CSV UTF-8”."
        ) from error
    except (OSError, csv.Error) as error:
        raise Misuse(f"{path} 无法读取：{error}", f"{path} cannot be read: {error}") from error


class Import:
    """One import. `on_problem` gets each problem when it is found, `on_rows` the number of rows done."""

    def __init__(
        self,
        client: Client,
        kind: str,
        by: str,
        on_problem: Callable[[ImportProblem], None],
        on_rows: Callable[[int], None],
    ) -> None:
        self.client, self.kind, self.by, self.on_problem, self.on_rows = client, kind, by, on_problem, on_rows
        self.report, self.read = Report(), 0

    async def run(self, path: Path) -> Report:
        """Imports the whole file; only one chunk is in memory."""
        chunk: dict[str, Entry] = {}
        for entry, rows in self._entries(path):
            if entry is not None and (entry.id in chunk or len(chunk) >= CHUNK_SIZE):
                await self._chunk(list(chunk.values()))
                chunk = {}
            if entry is not None:
                chunk[entry.id] = entry
            self.read += rows
        await self._chunk(list(chunk.values()))
        return self.report

    def _entries(self, path: Path) -> Iterator[tuple[Entry | None, int]]:
        """The entries of the file, each with its number of rows; None for rows that cannot be parsed, which are reported."""

        def key(numbered: tuple[int, Row]) -> object:
            return offer_id(numbered[1]) if self.kind == "offers" else numbered[0]

        for _, group in groupby(numbered_rows(self.kind, path), key):
            rows = list(group)
            try:
                yield ENTRY_BUILDERS[self.kind](rows[0][0], [row for _, row in rows], self.by), len(rows)
            except InvalidMessage as bad:
                self._refused(rows[0][0], "", bad.field, bad.code, bad.words)
                yield None, len(rows)

    def _refused(self, line: int, id: str, field: str, code: str, words: Words) -> None:
        self.report.refused += 1
        self.on_problem(ImportProblem(line, "refused", id, field, code, words))

    async def _chunk(self, entries: Sequence[Entry]) -> None:
        """Imports some entries: asks what exists, sends what is missing, counts."""
        answers = await self._known(entries)
        planned: list[PlannedMessage] = []
        for entry, answer in zip(entries, answers, strict=True):
            planned += self._planned(entry, answer)
        refused = await self._send(planned)
        self.report.new += len({one.entry.id for one in planned} - refused)
        self.on_rows(self.read)
        self.read = 0

    async def _known(self, entries: Sequence[Entry]) -> list[Answer | None]:
        end, gate = await self.client.end(), asyncio.Semaphore(QUESTIONS_AT_ONCE)

        async def ask(entry: Entry) -> Answer | None:
            async with gate:
                try:
                    return await self.client.ask("matching", entry.question.model_copy(update={"after": end}))
                except Declined as declined:
                    if declined.code != "not_found":
                        raise
                    return None

        return list(await asyncio.gather(*(ask(entry) for entry in entries)))

    def _planned(self, entry: Entry, answer: Answer | None) -> list[PlannedMessage]:
        """The messages that are still needed. An entry that differs from what exists is reported and not changed."""
        part = entry.parts[0]
        try:
            checked = [(part, new_id()) for part in entry.parts]
            made = [PlannedMessage(entry, part, id, entry.body(part, id)) for part, id in checked]
        except InvalidMessage as bad:
            part = next(part for part in entry.parts if _is_bad(entry, part))
            self._refused(entry.line, entry.id, column(part, bad.field), bad.code, bad.words)
            return []
        if answer is None:
            return made
        wrong = sorted({name for one in made if one.part.exists(answer) for name in one.part.differs(answer)})
        if wrong:
            self.report.differs += 1
            words = Words(
                zh=f"与系统中已有的不同：{'、'.join(wrong)}。未作改动。",
                en=f"It is there with other {', '.join(wrong)}; left as it is.",
            )
            self.on_problem(
                ImportProblem(entry.line, "differs", entry.id, ", ".join(wrong), "differs", words)
            )
            return []
        missing = [one for one in made if not one.part.exists(answer)]
        self.report.there += not missing
        return missing

    async def _send(self, planned: Sequence[PlannedMessage]) -> set[str]:
        """Sends the messages in order. Reports the first refusal of each entity, and returns the ids of these entities."""
        posted = [(one, await self._post(one)) for one in planned]
        receipts = [(one, await self._receipt(one, answer)) for one, answer in posted]
        effects = await self.client.reactions(
            [r for _, r in receipts if r.status == "accepted"], EFFECT_SECONDS
        )
        bad: set[str] = set()
        for one, receipt in receipts:
            effect = effects.get(receipt.id or "")
            said = effect.data if effect is not None else None
            if (
                receipt.status == "accepted"
                and effect is not None
                and not isinstance(said, CommandRefused | MessageQuarantined)
            ):
                continue
            if one.entry.id not in bad:
                bad.add(one.entry.id)
                self._refused(one.entry.line, one.entry.id, *_refusal_of(one.part, receipt, said))
        return bad

    async def _post(self, one: PlannedMessage) -> "asyncio.Future[Receipt] | None":
        try:
            return await self.client.post(one.part.type, one.id, one.raw)
        except Again:
            return None

    async def _receipt(self, one: PlannedMessage, answer: "asyncio.Future[Receipt] | None") -> Receipt:
        try:
            if answer is not None:
                return await asyncio.wait_for(answer, 20.0)
        except (Again, TimeoutError):
            pass
        return await self.client.send_raw(one.part.type, one.id, one.raw)


def _is_bad(entry: Entry, part: RowPart) -> bool:
    try:
        entry.body(part, new_id())
    except InvalidMessage:
        return True
    return False


def _refusal_of(part: RowPart, receipt: Receipt, said: object) -> tuple[str, str, Words]:
    """Column, code and sentence of a refusal by the door or the service."""
    if receipt.status != "accepted" and receipt.message is not None:
        return column(part, receipt.field or ""), receipt.code or "", receipt.message
    if isinstance(said, CommandRefused):
        return column(part, said.field), said.code, said.message
    words = Words(
        zh="没有得到处理结果。请稍后重新导入。", en="Nothing came of it yet. Import the file again later."
    )
    return "", "no_answer", words
