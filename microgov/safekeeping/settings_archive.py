"""Secrets, publishers and tenants in a backup: an archive that is sealed whole."""

import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from microgov.services.chassis.runtime.settings import Settings

NOT_KEPT = frozenset({".lock", ".gitignore"})
BROKER_DATA = "store"
"""The folder, beside the publishers' credentials of `make up`, in which the broker has its streams."""


def archive(settings: Settings) -> bytes:
    """The archive (tar): `secrets/…`, `publishers/…`, `tenants.toml`."""
    made = BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for name, path in _files(settings):
            tar.add(path, name, recursive=False)
    return made.getvalue()


def _files(settings: Settings) -> Iterator[tuple[str, Path]]:
    for name, folder in (("secrets", settings.secrets), ("publishers", settings.publishers)):
        if name == "publishers" and folder.is_relative_to(settings.secrets):
            continue  # compose has them inside of the secrets
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            if path.is_file() and path.name not in NOT_KEPT and inside.parts[0] != BROKER_DATA:
                yield f"{name}/{inside}", path
    if settings.tenants.is_file():
        yield "tenants.toml", settings.tenants
