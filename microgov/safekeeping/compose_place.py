"""Where an installation under compose is restored: the volumes that are mounted in compose's service `restore`, and the
databases of PostgreSQL, which runs meanwhile.

Everything is made under other names beside what is there, and renamed at the end; what was there is renamed, too.
"""

import asyncio
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, make_url

from microgov.client.idle import check_no_broker
from microgov.safekeeping.folder import NAME_FORMAT
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.installed import installed
from microgov.services.chassis.runtime.settings import Settings
from microgov.services.chassis.store.engine import engine as make_engine

NATS = Path("/volumes/nats")
"""Where the broker's volume is mounted."""
STREAMS, NEW, PREFIX = "jetstream", ".restoring", "restoring_"
PASSWORD = "postgres"
"""The file with PostgreSQL's password: it belongs to the volume of the databases, so one that is there stays."""


class ComposePlace:
    """The installation with the settings `here`; `tenants`: those that are restored. `nats`: where the broker's volume is.
    `settings`, `store`, `old_store`: as in DataFolder.
    """

    def __init__(self, here: Settings, tenants: Iterable[str], nats: Path = NATS) -> None:
        self.here, self.nats = here, nats
        self.store, self.old_store = nats / NEW, nats
        self.databases = [(one.name, tenant) for tenant in tenants for one in installed()]
        self.house = here.tenants.parent
        self.settings = here.model_copy(
            update={
                "database": here.database.replace("{service}", PREFIX + "{service}"),
                "tenants": self.house / NEW / here.tenants.name,
                "secrets": here.secrets / NEW,
                "publishers": here.secrets / NEW / "nats",
            }
        )

    def is_empty(self) -> bool:
        """Whether nothing is there that a restore would replace."""
        with self._server() as c:
            there = _known(c, self._names(self.here))
        secrets = {path.name for path in self.here.secrets.iterdir()} - {PASSWORD, NEW, ".gitignore"}
        return not (
            there or secrets or self.here.tenants.exists() or any((self.nats / STREAMS).rglob("*.blk"))
        )

    def __str__(self) -> str:
        return "compose"

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Raises Problem if the broker runs."""
        asyncio.run(check_no_broker(self.here))
        yield

    def begin(self) -> None:
        """Removes what an interrupted restore has left, and makes folders for what is new."""
        with self._server() as c:
            for name in _known(c, self._names(self.settings)):
                c.exec_driver_sql(f'DROP DATABASE "{name}"')
        for folder in (self.nats / NEW, self.house / NEW, self.here.secrets / NEW):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700)

    def put_in_place(self, now: datetime) -> str | None:
        """Gives everything its name. Returns the end of the names that what was there before has now; None if there was
        nothing.
        """
        before = None if self.is_empty() else f"before-{now.strftime(NAME_FORMAT)}"
        with self._server() as c:
            for old, new in zip(self._names(self.here), self._names(self.settings), strict=True):
                if before is not None and _known(c, [old]):
                    c.exec_driver_sql(f'ALTER DATABASE "{old}" RENAME TO "{old}_{before}"')
                c.exec_driver_sql(f'ALTER DATABASE "{new}" RENAME TO "{old}"')
        self._rename(self.nats, self.nats / NEW, [STREAMS], before)
        self._rename(self.house, self.house / NEW, [self.here.tenants.name], before)
        fresh = self.here.secrets / NEW
        if (self.here.secrets / PASSWORD).exists():
            (fresh / PASSWORD).unlink(missing_ok=True)
        self._rename(self.here.secrets, fresh, [path.name for path in fresh.iterdir()], before)
        return before

    def _rename(self, place: Path, new: Path, names: list[str], before: str | None) -> None:
        owner = place.stat()
        for name in names:
            if (place / name).exists():
                aside = place / str(before)
                aside.mkdir(mode=0o700, exist_ok=True)
                (place / name).rename(aside / name)
            for path in (new / name, *(new / name).rglob("*")):
                os.chown(path, owner.st_uid, owner.st_gid)
            (new / name).rename(place / name)
        shutil.rmtree(new)

    def _names(self, settings: Settings) -> list[str]:
        return [str(make_url(settings.database_url(*one)).database) for one in self.databases]

    @contextmanager
    def _server(self) -> Iterator[Connection]:
        url = make_url(self.here.database_url(*self.databases[0])).set(database="postgres")
        server = make_engine(url.render_as_string(hide_password=False), self.here.database_password)
        try:
            with server.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
                yield c
        except sa.exc.OperationalError as error:
            raise Problem(
                f"PostgreSQL：{str(error.orig).strip()}。恢复时 PostgreSQL 要运行，各服务要停止：请用 deploy/restore.sh。",
                f"PostgreSQL: {str(error.orig).strip()}. It has to run during a restore, and the services must not: use "
                "deploy/restore.sh.",
            ) from error
        finally:
            server.dispose()


def _known(c: Connection, names: Iterable[str]) -> list[str]:
    """Those of the names of which there is a database."""
    there = {str(name) for name in c.execute(sa.text("SELECT datname FROM pg_database")).scalars()}
    return [name for name in names if name in there]
