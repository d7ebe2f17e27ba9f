"""The state of one service for one tenant, and what an operator should know about it."""

from datetime import timedelta
from typing import NamedTuple

from microgov.commands.reasons import in_chinese
from microgov.contracts.log import Health, Progress
from microgov.services.chassis.installed import home_of
from microgov.text.sentences import Sentence, hour, use_local_time, zone


class ServiceStatus(NamedTuple):
    """The state of one service for one tenant.

    `health` and `progress` are None if the service does not answer. `offset` is local time minus UTC, `behaviour` the
    number by which the tenant decides, `generation` that of its log.
    """

    tenant: str
    name: str
    health: Health | None
    progress: Progress | None
    offset: timedelta
    behaviour: int
    generation: int

    @property
    def ready(self) -> bool:
        """Whether the service does all its work and has folded the log up to its end."""
        return (
            self.health is not None
            and self.health.ready
            and self.progress is not None
            and not self.health.notes
        )

    def why(self) -> list[Sentence]:
        """What is wrong and what to do; nothing if the service is ready."""
        if self.ready:
            return []
        if self.health is None:
            home = home_of(self.name)
            return [
                Sentence(
                    f"没有进程回答。请启动它；详情见 var/log/{home}.log 或 `docker compose logs {home}`。",
                    f"no process answers. Start it; var/log/{home}.log or `docker compose logs {home}` says more.",
                )
            ]
        if self.health.why or self.health.notes:
            return [Sentence(in_chinese(one), one) for one in (*self.health.why, *self.health.notes)]
        waiting = [one for one in self.health.loops if one.state != "running"]
        if waiting:
            return [
                Sentence(
                    f"{one.name} 尚未就绪（{one.state}）：{in_chinese(one.reason) or '正在连接'}",
                    f"{one.name} is not there yet ({one.state}): {one.reason or 'it connects'}",
                )
                for one in waiting
            ]
        if not self.health.active:
            return [Sentence("只有备用实例回答，正在等待接管。", "only an instance that stands by answers.")]
        return [
            Sentence("正在读取日志，尚未读到末尾。", "it reads the log and has not reached its head yet.")
        ]

    def note(self) -> list[Sentence]:
        """What the user should know although nothing is wrong."""
        found: list[Sentence] = []
        if self.health is not None and self.health.behaviour > self.behaviour:
            known = self.health.behaviour
            found.append(
                Sentence(
                    f"支持 behaviour {known}，此租户仍按 {self.behaviour}；所有服务都支持后会自动提升。",
                    f"knows behaviour {known}, and the tenant goes by {self.behaviour}: it rises by itself once "
                    "every service knows it.",
                )
            )
        if self.progress is not None and self.progress.other_codes:
            count = self.progress.other_codes
            found.append(
                Sentence(
                    f"重建后有 {count} 条拒绝的代码与日志不同（日志不变；见服务的日志输出）。",
                    f"since its rebuild, {count} refusals have another code than in the log, which stays as it is: "
                    "the service's output names them.",
                )
            )
        if self.health is not None and self.health.stands_until is not None:
            use_local_time(self.offset)
            until = hour(self.health.stands_until)
            found.append(
                Sentence(
                    f"日志中已有将来的时间：在 {until}（{zone()}）之前，此处的时间停住不动，届时期限才继续走。",
                    f"the log holds a time that is to come: until {until} {zone()} the tenant's time stands still, "
                    "and nothing falls due.",
                )
            )
        return found
