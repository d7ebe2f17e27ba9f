"""What is sealed can be opened by its recipient alone; errors keep their kind."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from microgov.safekeeping import sealing
from microgov.services.chassis.errors import Problem

LINES = [b"first\n", "路灯不亮\n".encode(), *(b"%d\n" % n for n in range(100_000)), b"last without an end"]


def test_lines_come_back_as_they_were(tmp_path: Path) -> None:
    private, public = sealing.new_key()

    sealing.seal(LINES, tmp_path / "sealed", public)

    assert [*sealing.opened_lines(tmp_path / "sealed", private)] == [
        line.removesuffix(b"\n") for line in LINES
    ]
    assert b"".join(sealing.opened(tmp_path / "sealed", private)) == b"".join(LINES)
    assert b"first" not in (tmp_path / "sealed").read_bytes()
    assert sealing.recipient_of(private) == public
    assert sealing.recipient_of(f"# made today\n{private}\n") == public


def test_another_key_and_a_damaged_file_are_named(tmp_path: Path) -> None:
    private, public = sealing.new_key()
    file = tmp_path / "sealed"
    sealing.seal(LINES, file, public)
    whole = file.read_bytes()

    with pytest.raises(Problem, match="sealed to another recipient, or damaged"):
        [*sealing.opened(file, sealing.new_key()[0])]
    for at in (0, 10, 100, 250, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(Problem, match=str(file)):
            [*sealing.opened(file, private)]
    for length in (0, 50, 300, len(whole) - 1):
        file.write_bytes(whole[:length])
        with pytest.raises(Problem, match=str(file)):
            [*sealing.opened(file, private)]


@pytest.mark.parametrize("text", ["", "age1", "AGE-SECRET-KEY-1", "age1yyyy", "hello"])
def test_what_is_no_key_is_refused_with_what_one_looks_like(text: str, tmp_path: Path) -> None:
    with pytest.raises(Problem, match="looks like age1"):
        sealing.check_recipient(text)
    with pytest.raises(Problem, match="looks like AGE-SECRET-KEY-1"):
        sealing.recipient_of(text)


def test_an_error_of_the_source_is_raised_as_it_was(tmp_path: Path) -> None:
    def lines() -> Iterator[bytes]:
        yield b"one\n"
        raise LookupError("the database is away")

    with pytest.raises(LookupError, match="the database is away"):
        sealing.seal(lines(), tmp_path / "sealed", sealing.new_key()[1])


@pytest.mark.skipif(shutil.which("age") is None, reason="the program age is not installed here")
def test_the_program_age_opens_what_was_sealed(tmp_path: Path) -> None:
    private, public = sealing.new_key()
    (tmp_path / "key").write_text(private)
    sealing.seal([b"one\n"], tmp_path / "sealed.zst.age", public)

    found = subprocess.run(
        ["age", "-d", "-i", tmp_path / "key", tmp_path / "sealed.zst.age"], capture_output=True, check=True
    )
    assert found.stdout.startswith(b"\x28\xb5\x2f\xfd")
