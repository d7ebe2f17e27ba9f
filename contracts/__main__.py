"""`python -m microgov.contracts` writes the files generated from the message classes; `--check` only reports outdated
ones.
"""

import argparse
import sys
from pathlib import Path

from microgov.contracts.generated.write import FOLDER, files

COMMAND = "python -m microgov.contracts"


def main(arguments: list[str] | None = None) -> int:
    """Writes the files. Returns 0, or 1 with `--check` if a file is out of date."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit 1 if a file is out of date"
    )
    check = parser.parse_args(arguments).check
    generated_text = files()
    stale = sorted(
        path for path, text in generated_text.items() if not path.exists() or path.read_text() != text
    )
    superfluous = sorted(
        path for path in (FOLDER / "generated" / "schemas").glob("*.json") if path not in generated_text
    )
    if check:
        return _report(stale, superfluous)
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(generated_text[path])
    for path in superfluous:
        path.unlink()
    print(f"{len(generated_text)} files, {len(stale)} written, {len(superfluous)} removed")
    return 0


def _report(stale: list[Path], superfluous: list[Path]) -> int:
    """Prints the files that are out of date or no longer generated. Returns 1 if there are any, else 0."""
    for path in stale + superfluous:
        print(f"out of date: {path.relative_to(FOLDER.parent)}", file=sys.stderr)
    if stale or superfluous:
        print(
            f"Run `{COMMAND}` and commit what it writes. 请运行 `{COMMAND}` 并提交其结果。", file=sys.stderr
        )
    return 1 if stale or superfluous else 0


if __name__ == "__main__":
    sys.exit(main())
