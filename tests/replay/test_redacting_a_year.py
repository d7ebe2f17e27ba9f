"""A redacted year is decided as the year was. The stories lack much of what it has, such as deliveries to webhooks, whose
ids no answer holds, and issues that a person routes while there are routing rules.
"""

from pathlib import Path

from bench.year.make import write
from microgov.contracts.message import type_in
from microgov.folds import FOLDS
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.regeneration.redacting import redacted


def test_no_answer_is_another_one(tmp_path: Path) -> None:
    write(tmp_path / "year.ndjson", 12_000, 11)
    year = recordings.read(tmp_path / "year.ndjson")
    types = [type_in(m.subject) for m in year.messages]
    assert types.count("notify.delivery_succeeded.v1") > 50
    assert types.count("issues.route_issue.v1") > 20

    made = redacted(year, FOLDS, b"the key of this test")

    assert [(m.seq, type_in(m.subject)) for m in made.otherwise] == []
    assert [type_in(m.subject) for m in made.recording.messages] == types
