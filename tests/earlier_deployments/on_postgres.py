"""A deployment on PostgreSQL: `microgov up` with the databases behind a URL, and copying the databases there.

    python -m tests.earlier_deployments.on_postgres up VAR NATS_PORT HEALTH_PORT URL     # until SIGINT, as `make up`
    python -m tests.earlier_deployments.on_postgres copy VAR URL     # schema by migrations, every row from var/

URL contains {service} and {tenant}. `make.py` runs this on the code of an earlier commit too: it may use only what that
commit has.
"""

import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from microgov.local.up import TENANTS, Up
from microgov.services.chassis.installed import installed
from microgov.services.chassis.store import migrate
from microgov.services.chassis.store.engine import engine


class OnPostgres(Up):
    """The supervisor of `make up`, with all databases on PostgreSQL."""

    url = ""

    def environment(self, user: str) -> dict[str, str]:
        return super().environment(user) | {"MICROGOV_DATABASE": self.url}


def up(var: Path, nats_port: int, health_port: int, url: str) -> int:
    """Runs until SIGINT; returns the exit code."""
    deployment = OnPostgres(var, nats_port, health_port)
    deployment.url = url
    return deployment.run()


def copy(var: Path, url: str) -> None:
    """Copies every database of the deployment; those behind the URL must exist and be empty."""
    for tenant in TENANTS:
        for home in (one.name for one in installed()):
            target = engine(url.format(service=home, tenant=tenant))
            migrate.upgrade(target, home)
            origin = engine(f"sqlite:///{var}/{home}/{tenant}.sqlite")
            with origin.connect() as source, target.begin() as to:
                for metadata in migrate.metadata_of(home):
                    for table in metadata.sorted_tables:
                        _copy(source, to, table)
            origin.dispose()
            target.dispose()


def _copy(source: sa.Connection, to: sa.Connection, table: sa.Table) -> None:
    rows: list[dict[str, Any]] = [dict(row) for row in source.execute(table.select()).mappings()]
    if rows:
        to.execute(table.insert(), rows)


if __name__ == "__main__":
    what, folder, *rest = sys.argv[1:]
    if what == "up":
        sys.exit(up(Path(folder).absolute(), int(rest[0]), int(rest[1]), rest[2]))
    copy(Path(folder).absolute(), rest[0])
