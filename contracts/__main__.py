"""`python -m microgov.contracts` writes the files generated from the message classes. `--check` writes nothing: it reports
outdated files, and every change of a released schema that is not compatible. `--release` adds a version to the released
schemas.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from microgov.contracts.compatibility.gate import Result, Violation, check, schemas_of_today
from microgov.contracts.compatibility.releases import Releases
from microgov.contracts.fields import Words
from microgov.contracts.generated.write import FOLDER, files, json_text

COMMAND = "python -m microgov.contracts"
OUTDATED = Words(zh=f"请运行 `{COMMAND}` 并提交其结果。", en=f"Run `{COMMAND}` and commit what it writes.")
UNCHANGED = Words(
    zh="自上次发布以来，模式没有改动，因此没有新版本。",
    en="No schema has changed since the last release: nothing to add.",
)
REFUSED = Words(
    zh="检查未通过，因此没有发布。请先按上面所说改正。",
    en="The check fails, so nothing is released. Correct what it says first.",
)


def main(arguments: list[str] | None = None) -> int:
    """Runs the command. Returns 0, or 1 if the check fails or there is nothing to release."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--check",
        action="store_true",
        help="change nothing; exit 1 if a file is out of date or a change of a released schema is not compatible",
    )
    what.add_argument(
        "--release", action="store_true", help="check, then add today's schemas to the released ones"
    )
    parser.add_argument("--json", action="store_true", help="with --check: print what is found as JSON")
    given = parser.parse_args(arguments)
    if given.json and not given.check:
        parser.error("--json needs --check")
    if given.check or given.release:
        failed = _check(given.json)
        if given.release:
            return _release() if not failed else _refuse()
        return failed
    return _write()


def _write() -> int:
    generated_text = files()
    stale, superfluous = _outdated(generated_text)
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(generated_text[path])
    for path in superfluous:
        path.unlink()
    print(f"{len(generated_text)} files, {len(stale)} written, {len(superfluous)} removed")
    return 0


def _outdated(generated_text: dict[Path, str]) -> tuple[list[Path], list[Path]]:
    """The files that are out of date, and those that are no longer generated."""
    stale = sorted(
        path for path, text in generated_text.items() if not path.exists() or path.read_text() != text
    )
    superfluous = sorted(
        path for path in (FOLDER / "generated" / "schemas").glob("*.json") if path not in generated_text
    )
    return stale, superfluous


def _check(as_json: bool) -> int:
    """Prints what is wrong. Returns 1 if anything is, else 0."""
    stale, superfluous = _outdated(files())
    outdated = [str(path.relative_to(FOLDER.parent)) for path in stale + superfluous]
    result = check(Releases(), schemas_of_today())
    if as_json:
        print(json_text(_as_json(outdated, result)), end="")
    else:
        _print(outdated, result)
    return 0 if result.passed and not outdated else 1


def _as_json(outdated: list[str], result: Result) -> dict[str, Any]:
    return {
        "outdated": outdated,
        "problems": [words.model_dump() for words in result.problems],
        "violations": [violation.as_json() for violation in result.violations],
    }


def _print(outdated: list[str], result: Result) -> None:
    for path in outdated:
        print(f"out of date: {path}", file=sys.stderr)
    if outdated:
        _say(OUTDATED)
    for words in result.problems:
        _say(words)
    for violation in result.violations:
        print(_heading(violation), file=sys.stderr)
        _say(violation.what_to_do, "  ")


def _heading(violation: Violation) -> str:
    """The field and the keyword, and below them the two values."""
    since = f" ({violation.since})" if violation.since else ""
    return (
        f"{violation.type}  {violation.path or '.'}  {violation.keyword}  [{violation.of}]\n"
        f"  released{since}: {_value(violation.released)}  today: {_value(violation.today)}"
    )


def _value(value: Any) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False)
    except TypeError:  # the keyword is not there
        text = str(value)
    return text if len(text) <= 200 else f"{text[:199]}…"


def _say(words: Words, indent: str = "") -> None:
    print(f"{indent}{words.en}\n{indent}{words.zh}", file=sys.stderr)


def _refuse() -> int:
    _say(REFUSED)
    return 1


def _release() -> int:
    releases = Releases()
    changed = releases.changed({name: one.schema for name, one in schemas_of_today().items()})
    if not changed:
        _say(UNCHANGED)
        return 1
    version = releases.add({name: json_text(schema) for name, schema in changed.items()})
    print(f"released {version}: {len(changed)} schemas")
    return 0


if __name__ == "__main__":
    sys.exit(main())
