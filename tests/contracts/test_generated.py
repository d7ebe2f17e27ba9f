"""Files generated from the message classes are current and valid, and every reference in them resolves."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from microgov.contracts import __main__ as command
from microgov.contracts.generated.write import files


def test_every_example_of_asyncapi_is_valid_and_every_reference_resolves() -> None:
    written = Path(command.__file__).parent / "generated" / "asyncapi.json"
    document = json.loads(written.read_text())  # `make lint` checks that the file is current
    text = json.dumps(document)
    for message in document["components"]["messages"].values():
        for shown in message["examples"]:
            whole = {**message["payload"], "components": document["components"]}
            jsonschema.validate(shown["payload"], whole, jsonschema.Draft202012Validator)
    for reference in {part.split('"')[0] for part in text.split('"$ref": "#/')[1:]}:
        place: Any = document
        for step in reference.split("/"):
            place = place[step]


def test_asyncapi_describes_the_envelope_once_and_each_type_by_itself() -> None:
    written = Path(command.__file__).parent / "generated" / "asyncapi.json"
    document = json.loads(written.read_text())
    submitted = document["components"]["messages"]["in.issues.submit_issue.v1"]
    whole = {**submitted["payload"], "components": document["components"]}
    example = submitted["examples"][0]["payload"]

    assert written.stat().st_size < 1_000_000
    for wrong in ({"type": "issues.accept_issue.v1"}, {"data": {"channel": "app"}}, {"id": 7}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**example, **wrong}, whole, jsonschema.Draft202012Validator)


def test_check_fails_unless_files_are_current_and_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("microgov.contracts.generated.write.FOLDER", tmp_path)
    monkeypatch.setattr(command, "FOLDER", tmp_path)
    monkeypatch.setattr(command, "files", cache(files))  # generated once: it takes seconds

    assert command.main(["--check"]) == 1
    assert "Run `python -m microgov.contracts`" in capsys.readouterr().err
    assert command.main([]) == 0
    assert command.main(["--check"]) == 0
    (tmp_path / "generated" / "schemas" / "old.json").write_text("{}")
    assert command.main(["--check"]) == 1
