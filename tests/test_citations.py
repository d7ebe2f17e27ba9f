"""Sections that the code cites are in docs/, and the files that these pages name exist."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = ("domain", "architecture")
PASSED_OVER = ("tests/logs/", "contracts/generated/schemas/")
NUMBER = r"\d+(?:\.\d+)*"
CITATION = re.compile(rf"\b({'|'.join(PAGES)})\.md §({NUMBER}(?:(?:, |–)(?:{NUMBER}|I\d+)\b)*)")
"""A page and its sections: `§2.1, 2.2`, a range `§1–3`, or beside them an invariant by its name, `I7`."""
ROW = re.compile(r"^\|[^|]+\| `(\w+)` \|[^|]+\| `([^`]+)` \|$", re.MULTILINE)
"""A line of the glossary: the term, and the file that it is defined in."""
FILE = re.compile(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|md|yaml|json))`|\]\(([^)#:]+)\)")


def tracked() -> Iterator[Path]:
    """The sources and pages that git knows, each once: it does not look behind the links in `microgov/`."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    for name in listed.stdout.split("\0"):
        path = ROOT / name
        if path.suffix in (".py", ".md", ".yaml") and not name.startswith(PASSED_OVER) and path.is_file():
            yield path


def citations(page: str) -> Iterator[tuple[str, str]]:
    """Where the page is cited, and which section or invariant of it."""
    for path in tracked():
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for name, cited in CITATION.findall(line):
                if name == page:
                    yield from ((f"{path.relative_to(ROOT)}:{n}", number) for number in each(cited))


def each(cited: str) -> Iterator[str]:
    """The numbers of `2.1, 2.2` or `1–3`, those between the ends of a range included."""
    for one in cited.split(", "):
        first, _, last = one.partition("–")
        yield from (str(n) for n in range(int(first), int(last) + 1)) if last else (first,)


def targets(page: str) -> set[str]:
    """The numbers of the page's headings, and the names of the invariants on it."""
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    return {*numbers(text), *re.findall(r"^- \*\*(I\d+)\*\*", text, re.MULTILINE)}


def numbers(text: str) -> list[str]:
    """The section numbers of the headings in the text."""
    return re.findall(rf"^#+ ({NUMBER})\.? ", text, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_every_citation_leads_to_a_heading_of_its_page(page: str) -> None:
    if not (DOCS / f"{page}.md").exists():
        pytest.skip(f"docs/{page}.md is not written yet")
    there, cited = targets(page), list(citations(page))

    assert cited
    assert [f"{where} cites {page}.md §{number}" for where, number in cited if number not in there] == []


def test_no_heading_has_the_number_of_another() -> None:
    """A citation would lead to the first of them only."""
    for page in DOCS.glob("*.md"):
        found = numbers(page.read_text(encoding="utf-8"))
        assert sorted(found) == sorted(set(found)), page.name


WRITTEN_BY_THE_READER = (
    "tests/logs/mine.ndjson",
    "tests/test_mine.py",
    "var/",
    "toollib/",
    "tests/test_tools.py",
)
"""Files that a page tells its reader to make."""


def test_every_file_that_a_page_names_is_there() -> None:
    """A page may leave out the beginning of a path where that is clear: `store/engine.py`."""
    known = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    named = [
        (page, path or str((page.parent / link).resolve().relative_to(ROOT)))
        for page in (*DOCS.rglob("*.md"), *ROOT.glob("*.md"))
        for path, link in FILE.findall(page.read_text(encoding="utf-8"))
        if not (path or link).startswith(WRITTEN_BY_THE_READER)
    ]

    assert len(named) > 400
    assert [
        f"{page.relative_to(ROOT)}: {path}"
        for page, path in named
        if not (ROOT / path).exists() and not any(one.endswith(f"/{path}") for one in known)
    ] == []


def test_every_term_of_the_glossary_stands_in_its_file() -> None:
    text = (DOCS / "glossary.md").read_text(encoding="utf-8")
    rows = ROW.findall(text)

    assert len(rows) == sum(line.endswith("` |") for line in text.splitlines()) > 100
    assert [
        f"{term}: {file}"
        for term, file in rows
        if not re.search(rf"\b{term}\b", (ROOT / file).read_text(encoding="utf-8"))
    ] == []
    assert [term for term, _ in rows if [one for one, _ in rows].count(term) > 1] == []
