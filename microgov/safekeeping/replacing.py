"""Where an installation of `make up` is restored: it is made beside the data folder, and gets its name at the end. What is
there before is moved aside whole.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from microgov.client.idle import hold_lock
from microgov.safekeeping.folder import NAME_FORMAT
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.runtime.file_access import sync_folder
from microgov.services.chassis.runtime.settings import Settings

STAYS = frozenset({".gitignore", ".lock", "backups", "log"})
"""What may be in a data folder that counts as empty."""
STAYS_WITH_BACKUPS = frozenset({".gitignore", "backups"})
"""What the new folder takes over from one that is moved aside."""
STORE = Path("nats") / "store"


class DataFolder:
    """The data folder `var`, and the folder of the backups. `settings`: those of the installation that is made; `store`: the
    folder for its streams, and `old_store` that of the ones that are there.
    """

    def __init__(self, var: Path, backups: Path) -> None:
        self.var, self.new, self.backups = var, var.with_name(f".{var.name}.restoring"), backups
        self.store, self.old_store = self.new / STORE, var / STORE
        self.settings = Settings(
            database=f"sqlite:///{self.new}/{{service}}/{{tenant}}.sqlite",
            tenants=self.new / "tenants.toml",
            publishers=self.new / "nats",
            secrets=self.new / "secrets",
        )

    def __str__(self) -> str:
        return str(self.var)

    def is_empty(self) -> bool:
        """Whether nothing is there that a restore would replace."""
        return not self.var.is_dir() or not {path.name for path in self.var.iterdir()} - STAYS

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Nothing runs on the folder until the block ends. Raises Problem."""
        if self.var.is_dir():
            with hold_lock(self.var):
                yield
        else:
            yield

    def begin(self) -> None:
        """Removes what an interrupted restore has left, and makes the new folder."""
        shutil.rmtree(self.new, ignore_errors=True)
        self.new.mkdir(mode=0o700)

    def put_in_place(self, now: datetime) -> Path | None:
        """Gives the new folder its name. Returns where what was there before is now; None if there was nothing. The backups
        in the folder go to the new one, last: what is interrupted before lies where no later restore removes it.
        """
        before = (
            None if self.is_empty() else self.var.with_name(f"{self.var.name}.before-{now:{NAME_FORMAT}}")
        )
        old = before or self.var.with_name(f".{self.var.name}.empty")
        os.sync()  # what the broker and the databases have written, too: only then it may take the place of another
        try:
            if self.var.is_dir():
                self.var.rename(old)
            self.new.rename(self.var)
            if old.is_dir():
                _take_over(old, self.var, STAYS_WITH_BACKUPS if before else STAYS)
            if self.backups in left_beside(self.var):
                _take_over(self.backups.parent, self.var, (self.backups.name,))
        except OSError as error:
            raise Problem(
                f"无法移动 {error.filename}（{error.strerror}）。恢复好的在 {self.new}，原来的在 {old}：请手动改名。",
                f"{error.filename} cannot be moved ({error.strerror}). What was restored is in {self.new}, what was there "
                f"before in {old}: rename them by hand.",
            ) from error
        sync_folder(self.var.parent)
        return before


def left_beside(var: Path, name: str = "backups") -> list[Path]:
    """The folders of backups beside the data folder, in what an interrupted restore has left."""
    return [path for path in var.parent.glob(f"*{var.name}.*/{name}") if path.is_dir()]


def _take_over(old: Path, new: Path, names: Iterable[str]) -> None:
    for name in sorted(names):
        if (old / name).exists() and not (new / name).exists():
            (old / name).rename(new / name)
    with suppress(OSError):  # something is left in it
        old.rmdir()
