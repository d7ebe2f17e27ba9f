"""`make up`: runs a broker and all services on this machine, on files in var/, until ctrl-C."""

import argparse
import fcntl
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path

from microgov.local.fork import fork
from microgov.local.forked import add_tenant, back_up, preload, serve
from microgov.local.ready import UnreadyChildren, is_open, is_ready, must_be_free
from microgov.local.supervisor import Child, ChildFailed, Children
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.installed import installed
from microgov.services.gateway.accounts.credentials import Credentials
from microgov.services.gateway.accounts.permissions import OPERATOR

SERVICES = tuple(one.name for one in installed())
TENANTS: dict[str, tuple[str, ...]] = {"donghu": (), "demo": ("--simulated-clock",)}
NATS_PORT, HEALTH_PORT = 4222, 8101
READY_WITHIN = 20.0
"""Seconds after which the services that are not ready are named on the terminal; they keep running."""


def main(arguments: list[str] | None = None) -> int:
    """Runs the installation. Returns 0 after ctrl-C, and 1 if it could not start, after printing why and what to do."""
    settings = _parser().parse_args(arguments)
    try:
        return Up(settings.var.absolute(), settings.nats_port, settings.health_port).run()
    except Problem as problem:
        print(f"{problem.zh}\n{problem.en}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="microgov up", description=__doc__)
    known = os.environ.get
    parser.add_argument(
        "--var", type=Path, default=Path(known("MICROGOV_VAR", "var")), help="folder for all data"
    )
    parser.add_argument("--nats-port", type=int, default=int(known("MICROGOV_NATS_PORT", NATS_PORT)))
    parser.add_argument(
        "--health-port",
        type=int,
        default=int(known("MICROGOV_HEALTH_PORT", HEALTH_PORT)),
        help="the first service's health port; the others follow · 第一个服务的健康检查端口，其余顺延",
    )
    return parser


class Up:
    """An installation whose data are in the folder `var`. `report` is called with lines for the user."""

    def __init__(
        self, var: Path, nats_port: int, health_port: int, report: Callable[[str], None] | None = None
    ) -> None:
        self.var, self.nats_port = var, nats_port
        self.health = {service: health_port + n for n, service in enumerate(SERVICES)}
        self.report = report or partial(print, flush=True)
        self.credentials = Credentials(var / "nats", var / "secrets")

    def run(self) -> int:
        """Sets up what is missing, and keeps the children running until SIGINT or SIGTERM. Returns 0. Raises Problem."""
        begun = time.monotonic()
        with self._locked():
            for port in (self.nats_port, *self.health.values()):
                must_be_free(port)
            self._step(1, "密钥与配置", "secrets and configuration")
            self.credentials.prepare(TENANTS)
            self.credentials.write_server(port=self.nats_port, store_dir=str(self.var / "nats" / "store"))
            children = Children(self.var / "log", self.report)
            for sign in (signal.SIGINT, signal.SIGTERM):
                signal.signal(sign, lambda *_: children.end())
            try:
                late = self._start(children)
                if late and not children.ending:
                    self._show_not_ready(late)
                children.watch(
                    UnreadyChildren(late, lambda: self._show_next_commands(time.monotonic() - begun)).check
                )
            except ChildFailed as failed:
                said, log = last_line(failed.log), failed.log
                raise Problem(
                    f"{failed.name} 无法启动：{said}。详情见 {log}；解决后再次运行 `make up`。",
                    f"{failed.name} does not start: {said}. See {log}, then run `make up` again.",
                ) from failed
            finally:
                children.stop()
        return 0

    def _start(self, children: Children) -> list[Child]:
        """Starts broker, tenants and services. Returns the services that are not ready yet; the others can be used."""
        self._step(2, "消息服务器", f"nats-server on port {self.nats_port}")
        for late in children.start(self.broker(), meanwhile=preload):
            raise ChildFailed(late.name, self.var / "log" / f"{late.name}.log")
        for n, (tenant, options) in enumerate(TENANTS.items(), 3):
            if not children.ending:
                self._step(n, f"租户 {tenant}", f"tenant {tenant}")
                self.tenant(tenant, options)
        if not children.ending:
            self._step(5, "服务", f"services: {', '.join(SERVICES)}")
            unready = children.start(*(self.service(name) for name in SERVICES), within=READY_WITHIN)
            children.start(self.backups())
            return unready
        return []

    def _step(self, n: int, zh: str, en: str) -> None:
        self.report(f"[{n}/5] {zh} · {en}")

    def _show_not_ready(self, late: Sequence[Child]) -> None:
        names = ", ".join(child.name for child in late)
        self.report(f"""尚未就绪：{names}。`microgov status` 说明原因和办法；就绪后会在此告知。
Not ready yet: {names}. `microgov status` says why, and what to do; it is said here once they are.""")

    def _show_next_commands(self, seconds: float) -> None:
        command = Path(sys.executable).parent / "microgov"
        shown = os.path.relpath(command) if command.is_relative_to(Path.cwd()) else str(command)
        self.report(f"""就绪（{seconds:.1f} 秒）。请在另一个终端输入：
Ready in {seconds:.1f} s. In another terminal, type:
    {shown} demo all      全部故事 · every story, told as it happens
    {shown} status        现况 · how it is doing
    {shown} tail --tenant demo   日志 · what is happening, in words
按 ctrl-C 停止；数据保存在 {self.var} · ctrl-C stops it; the data stays in {self.var}""")

    def environment(self, user: str) -> dict[str, str]:
        """The environment variables of a process that connects to the broker as `user`."""
        return {
            "MICROGOV_NATS_URL": f"nats://127.0.0.1:{self.nats_port}",
            "MICROGOV_NATS_USER": user,
            "MICROGOV_NATS_PASSWORD_FILE": str(self.var / "secrets" / f"nats_{user}"),
            "MICROGOV_DATABASE": f"sqlite:///{self.var}/{{service}}/{{tenant}}.sqlite",
            "MICROGOV_TENANTS": str(self.var / "tenants.toml"),
            "MICROGOV_PUBLISHERS": str(self.var / "nats"),
            "MICROGOV_SECRETS": str(self.var / "secrets"),
        }

    def broker(self) -> Child:
        """The broker, with the configuration in var/nats. Raises Problem if nats-server is not installed."""
        binary = Path(sys.executable).parent / "nats-server"
        if not binary.exists():
            raise Problem(
                f"找不到 {binary}。请运行 `make up`，它会安装所需的一切。",
                f"{binary} is missing. Run `make up`: it installs what is needed.",
            )
        command = (str(binary), "-c", str(self.var / "nats" / "nats.conf"))
        return Child("nats-server", command, rank=0, ready=partial(is_open, self.nats_port))

    def service(self, name: str) -> Child:
        """A service, run by FastStream's command line. The fork saves two seconds of imports."""
        port = self.health[name]
        main = partial(serve, name, port)
        return Child(name, env=self.environment(name), rank=1, ready=partial(is_ready, port), main=main)

    def backups(self) -> Child:
        """The process that backs up every day."""
        return Child(
            "backup", env=self.environment(OPERATOR) | {"MICROGOV_VAR": str(self.var)}, rank=2, main=back_up
        )

    def tenant(self, name: str, options: tuple[str, ...]) -> None:
        """Sets up a tenant unless that was done with these migrations. Changes nothing that exists. Raises Problem."""
        mark = self.var / "log" / f"tenant-{name}.done"
        if mark.exists() and mark.read_text() == migrations():
            return
        said = self.var / "log" / f"tenant-{name}.log"
        with said.open("wb") as log:
            adding = fork(partial(add_tenant, name, options), self.environment("gateway"), log, lambda: None)
            adding.join()
        if adding.exitcode:
            raise Problem(
                f"租户 {name} 未能建立：{last_line(said)}。解决后再次运行 `make up`。",
                f"Tenant {name} could not be set up: {last_line(said)}. Mend that and run `make up` again.",
            )
        mark.write_text(migrations())

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Creates and locks the folder `var`. Raises Problem if it is not writable or another process holds the lock."""
        os.umask(0o077)
        try:
            (self.var / "log").mkdir(parents=True, exist_ok=True)
            self.var.chmod(0o700)  # the folder may be older than the umask
            lock = (self.var / ".lock").open("w")
        except OSError as error:
            raise Problem(
                f"无法写入 {self.var}（{error.strerror}）。请更改其权限，或用 MICROGOV_VAR 指定别处。",
                f"Cannot write to {self.var} ({error.strerror}). Make it writable, or set MICROGOV_VAR to another.",
            ) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise Problem(
                    f"{self.var} 已有一个实例在运行。请先在其终端按 ctrl-C。",
                    f"It already runs on {self.var}. Press ctrl-C in its terminal first.",
                ) from error
            mine = self.var / "log" / "supervisor.pid"
            mine.write_text(f"{os.getpid()}\n")
            try:
                yield
            finally:
                mine.unlink(missing_ok=True)


def migrations() -> str:
    """A hash of the names of all migrations; it changes when a service gets a new one."""
    found = sorted(
        f"{one.name} {path.stem}" for one in installed() for path in one.folder.glob("migrations/*.py")
    )
    return sha256("\n".join(found).encode()).hexdigest()


def last_line(log: Path) -> str:
    """The last line of a log that is not blank, at most 300 characters; a dash if there is none."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip()[:300] if lines else "–"


if __name__ == "__main__":
    sys.exit(main())
