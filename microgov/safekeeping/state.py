"""How old the backups are: for `microgov status`."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from microgov.safekeeping.folder import backups_in
from microgov.services.chassis.runtime.settings import Settings
from microgov.text.sentences import Sentence

OLD = timedelta(days=2)
"""A newest backup that is older than this is said to be old."""


class BackupState(NamedTuple):
    """The newest backup, and the newest that was verified: when each began (UTC; None: there is none)."""

    folder: str
    newest: datetime | None
    verified: datetime | None

    def note(self, now: datetime) -> Sentence | None:
        """What is to be done about the backups; None if all is well."""
        if self.newest is None:
            return Sentence(
                f"{self.folder} 中还没有备份。请运行 `microgov backup key 文件`，此后每天自动备份。",
                f"There is no backup in {self.folder}. Run `microgov backup key FILE`: then one is made every day.",
            )
        if self.verified is None or now - self.verified > OLD:
            last = f"{self.verified:%Y-%m-%d %H:%M} UTC" if self.verified else "–"
            return Sentence(
                f"最近一次核对完好的备份：{last}。原因见服务 backup 的输出；也可现在运行 `microgov backup verify`。",
                f"The last backup that was found whole is of {last}. The output of the service `backup` says why; `microgov "
                "backup verify` looks now.",
            )
        return None

    def as_json(self) -> dict[str, Any]:
        return {
            "folder": self.folder,
            "newest": self.newest.isoformat() if self.newest else None,
            "verified": self.verified.isoformat() if self.verified else None,
        }


def state_of(settings: Settings) -> BackupState:
    """The state of the backups of this installation."""
    folder = settings.backups
    known = backups_in(folder) if folder.is_dir() else []
    whole = [one.began for one in known if one.manifest is not None]
    verified = [one.began for one in known if one.verified() is not None]
    return BackupState(str(folder), max(whole, default=None), max(verified, default=None))
