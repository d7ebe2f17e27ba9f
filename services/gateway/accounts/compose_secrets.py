"""`microgov secrets make FOLDER`: makes the secrets that deploy/compose.yaml mounts; existing ones are never overwritten."""

import secrets
from collections.abc import Iterable
from pathlib import Path

from microgov.services.chassis.errors import Problem
from microgov.services.chassis.runtime.file_access import folder_of, replace_whole
from microgov.services.gateway.accounts.credentials import Credentials

TENANTS = ("donghu", "demo")
READABLE = 0o444
"""File mode: containers run under other user ids than the owner of these files. The folder around them (0700) keeps other
users out.
"""


def make(folder: Path, tenants: Iterable[str] = TENANTS) -> Credentials:
    """Writes the passwords as files, and into `nats/` what the NATS server includes. Raises Problem if it cannot write."""
    try:
        folder_of(folder).chmod(0o700)
        made = Credentials(folder / "nats", folder, READABLE)
        made.prepare(tenants)
        made.folder.chmod(0o755)
        postgres = folder / "postgres"
        if not postgres.exists():
            replace_whole(postgres, secrets.token_urlsafe(32), READABLE)
        return made
    except OSError as error:
        raise Problem(
            f"无法写入 {folder}（{error.strerror}）。请更改其权限，或指定别的文件夹。",
            f"Cannot write to {folder} ({error.strerror}). Make it writable, or name another.",
        ) from error
