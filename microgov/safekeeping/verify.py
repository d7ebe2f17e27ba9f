"""Verifies a backup: every byte of every file by its sha256, each log by a replay; with the private key also what is sealed.

Nothing is changed but the note of what was found (`verified.json`).
"""

from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from microgov.contracts.registry import every_message
from microgov.safekeeping import sealing
from microgov.safekeeping.create import SETTINGS, Step, silent
from microgov.safekeeping.databases import opened_rows
from microgov.safekeeping.durable import Damaged, read_checked, sha256_of
from microgov.safekeeping.erasures import read_erasures
from microgov.safekeeping.folder import VERIFIED, Backup
from microgov.safekeeping.kept_apart import files_apart, is_whole
from microgov.safekeeping.manifest import MANIFEST, FileInBackup, Manifest, StreamInBackup
from microgov.safekeeping.stream_parts import parts_in
from microgov.services.chassis import memory
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.recording.damage import BadRecording
from microgov.services.chassis.recording.recorder import Recorder
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.recording.verifying import verify as check_contents
from microgov.services.chassis.recording.zstd import CutOff
from microgov.services.chassis.replay.comparison import Comparison
from microgov.services.chassis.replay.difference import Difference
from microgov.services.chassis.replay.feeding import feed, prepare, scratch_engine, to_fold
from microgov.services.chassis.service import Service
from microgov.text.sentences import Sentence

MOST = 100
"""How many findings of one kind are named in a file."""


class Verified(NamedTuple):
    """What was found. `files`, `bytes`: how much was compared with its sha256. `messages`: of all logs together; `answers`:
    how many recorded answers the services gave again. `sealed`: how many sealed files were opened with the key.
    """

    files: int
    bytes: int
    messages: int
    answers: int
    sealed: int
    findings: list[Sentence]

    @property
    def ok(self) -> bool:
        return not self.findings


class Verification:
    """The verification of one backup. `folder`: of all backups; `services`: those whose answers the logs hold; `key`: the
    private key (None: what is sealed is compared with its sha256 alone).
    """

    def __init__(
        self, folder: Path, services: tuple[Service, ...], key: str | None = None, step: Step = silent
    ) -> None:
        self.folder, self.services, self.key, self.step = folder, services, key, step
        self.findings: list[Sentence] = []
        self.bytes = self.messages = self.answers = self.sealed = 0

    def run(self, backup: Backup) -> Verified:
        """Verifies the backup, and notes in it what was found."""
        files = 0
        if backup.manifest is None:
            self.findings.append(_damaged(backup.folder / MANIFEST, backup.damage))
        else:
            files = len(backup.manifest.files)
            self.check_files(backup, backup.manifest)
            if not self.findings:
                self.look_inside(backup, backup.manifest)
        found = Verified(files, self.bytes, self.messages, self.answers, self.sealed, self.findings)
        backup.note_verified(datetime.now(UTC), found.ok, messages=found.messages, answers=found.answers)
        return found

    def check_files(self, backup: Backup, manifest: Manifest) -> None:
        """Compares every file that the manifest names with its sha256, and what stands beside the backups."""
        progress = self.step("sha256", manifest.size)
        for name, wanted in manifest.files.items():
            self._check_file(self.folder / name, wanted)
            progress(wanted.size)
        note = backup.folder / VERIFIED
        if note.exists():
            try:
                read_checked(note)
            except Damaged as damage:
                self.findings.append(_damaged(note, str(damage)))

        try:
            read_erasures(self.folder)
        except Problem as problem:
            self.findings.append(Sentence(problem.zh, problem.en))
        for path in files_apart(self.folder):
            if not is_whole(path):
                self.findings.append(_damaged(path, "sha256 differs"))

    def _check_file(self, path: Path, wanted: FileInBackup) -> None:
        try:
            size = path.stat().st_size
            if size != wanted.size:
                self.findings.append(_damaged(path, f"{size:,} bytes, not {wanted.size:,}"))
            elif sha256_of(path) != wanted.sha256:
                self.findings.append(_damaged(path, "sha256 differs"))
            self.bytes += size
        except OSError as error:
            self.findings.append(_damaged(path, error.strerror or repr(error)))

    def look_inside(self, backup: Backup, manifest: Manifest) -> None:
        """Replays the logs, and with the key opens what is sealed."""
        every_message()
        for name, stream in manifest.streams.items():
            if name.startswith("LOG-"):
                self._check_log(name.removeprefix("LOG-"), stream)
        if self.key is not None:
            self._open(backup, manifest, self.key)

    def _check_log(self, tenant: str, stream: StreamInBackup) -> None:
        with TemporaryDirectory(dir=self.folder, prefix=".verifying-") as scratch:
            try:
                log = joined(self.folder, tenant, stream, Path(scratch) / "log.ndjson.zst")
            except (BadRecording, CutOff, ValueError, KeyError) as error:
                self.findings.append(_damaged(self.folder / stream.folder, str(error)))
                return
            self.messages += len(log.messages)
            problems = deque(check_contents(log, self._count(f"LOG-{tenant}", len(log.messages))), MOST)
            self.findings += [
                Sentence(f"LOG-{tenant}：{one}", f"LOG-{tenant}: {one}")
                for one in problems
                if not one.startswith("the trailer")
            ]
            for service in self.services:
                self._replay(service, log)

    def _count(self, what: str, total: int) -> "partial[None]":
        progress, done = self.step(what, total), [0]

        def upto(count: int) -> None:
            progress(count - done[0])
            done[0] = count

        return partial(upto)

    def _replay(self, service: Service, log: Recording) -> None:
        memory.release()
        engine = scratch_engine()
        prepare(engine, service)
        comparison = Comparison(service, log)
        progress = self.step(f"{service.name}/{log.tenant}", to_fold(service, log))
        answers = feed(service, log, engine, progress)
        first = next(comparison.differences(answers), None)
        self.answers += comparison.at
        engine.dispose()
        if first is not None:
            self.findings.append(_differs(log.tenant, service.name, first))

    def _open(self, backup: Backup, manifest: Manifest, key: str) -> None:
        for name, database in manifest.databases.items():
            self._try(opened_rows(backup.folder / "kept" / name.replace("/", "_"), database, key))
        self._try(sealing.opened(backup.folder / SETTINGS, key))
        for path in files_apart(self.folder):
            self._try(sealing.opened(path, key))

    def _try(self, opened: Iterator[bytes]) -> None:
        try:
            deque(opened, maxlen=0)
            self.sealed += 1
        except Problem as problem:
            self.findings.append(Sentence(problem.zh, problem.en))


def joined(folder: Path, tenant: str, stream: StreamInBackup, to: Path, upto: int | None = None) -> Recording:
    """The log in a backup as a recording, up to a sequence (None: all of it)."""
    recorder = Recorder.begun(to, tenant)
    last = stream.end if upto is None else min(upto, stream.end)
    wanted = frozenset(stream.parts)
    parts = [part for part in parts_in(folder / stream.folder) if part.path.name in wanted]
    recorder.add_all(one.message for part in parts for one in part.messages() if one.message.seq <= last)
    recorder.finish({}, open_=True)
    return recordings.read(to)


def _damaged(path: Path, how: str) -> Sentence:
    return Sentence(f"{path} 已损坏：{how}", f"{path} is damaged: {how}")


def _differs(tenant: str, service: str, found: Difference) -> Sentence:
    where = f"LOG-{tenant}: {found.seq}"
    return Sentence(
        f"{where}：{service} 的应答与日志不同（{found.kind}）。`microgov log replay` 说明详情。",
        f"{where}: {service} answers otherwise than the log ({found.kind}). `microgov log replay` says more.",
    )
