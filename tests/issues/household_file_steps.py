"""A visited household with its file: requests to keep and read the file, and the edge that reports each use."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from microgov.contracts import issues
from microgov.contracts.message import Event, Question
from microgov.services.chassis.model import Refused
from microgov.services.issues.edge.file_log import FileUseReporter
from microgov.services.issues.handlers import service
from microgov.services.issues.model import Kept
from tests.issues import visit_steps

SECRET = "奶奶走路不便"


class HouseholdFiles:
    """The file of the household h-1, which p-fed has visited.

    `reported` holds the id, the household and the event of each use of the file that the edge has reported.
    """

    def __init__(self) -> None:
        self.driver = visit_steps.start()
        self.reported = list[tuple[str, str, Event]]()
        visit_steps.make_visit(self.driver)
        engine = self.driver.s.get_bind()
        assert isinstance(engine, Engine)
        self.driver.s.commit()
        Kept.metadata.create_all(engine)
        self.engine, self.use_reporter = engine, FileUseReporter(engine, self.report)

    async def report(self, uses: list[tuple[str, str, Event]]) -> None:
        """Called by the edge with the id, the household and the event of each use."""
        self.reported += uses

    def ask(self, question: Question) -> issues.HouseholdFileShown:
        """Runs the handler of an administrative request in one transaction, as the application does; returns the answer."""
        with Session(self.engine) as s, s.begin():
            shown = service.admin_requests[type(question)](question, s)
        assert isinstance(shown, issues.HouseholdFileShown)
        return shown

    def keep(self, entries: dict[str, str] | None = None, **changed: str) -> issues.HouseholdFileShown:
        """Keeps entries (name to text) by consent of p-2; `changed` are other fields of the request."""
        given = [
            issues.FileEntry(name=name, text=text) for name, text in (entries or {"needs": SECRET}).items()
        ]
        asked: dict[str, Any] = {
            "household": "h-1",
            "by": "p-fed",
            "consented_by": "p-2",
            "entries": given,
            **changed,
        }
        return self.ask(issues.KeepHouseholdFile.model_validate(asked))

    def read(self, **changed: str) -> issues.HouseholdFileShown:
        """Reads the file as p-fed, for care; `changed` are other fields of the request."""
        return self.ask(
            issues.ReadHouseholdFile.model_validate(
                {"household": "h-1", "by": "p-fed", "why": "care", **changed}
            )
        )

    def row_count(self, table: Any) -> int:
        """How many rows the table has."""
        with Session(self.engine) as s:
            return s.scalar(sa.select(sa.func.count()).select_from(table)) or 0

    def refusal_code(self, **asked: Any) -> str:
        """The code with which keeping a file is refused."""
        with pytest.raises(Refused) as caught:
            self.keep(**asked)
        assert caught.value.words.zh
        assert caught.value.words.en
        return caught.value.code
