"""/metrics: the measurements of one process as Prometheus text, made with OpenTelemetry.

Every value has the labels `service` and `tenant`. Gauges are read when Prometheus asks for them.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from microgov.services.chassis.runtime.tenancy import Tenancy

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
GAUGES: dict[str, tuple[str, Callable[[Tenancy], int]]] = {
    "active": ("1 if this process holds the lease of the tenant, 0 if it stands by", lambda t: int(t.active)),
    "healthy": ("1 if nothing is wrong with the tenant", lambda t: int(not t.troubles())),
    "position": ("Sequence in the log of the last message that was folded", lambda t: t.fold.position.seq),
    "lag": ("Messages in the log after that one", lambda t: t.fold.lag),
    "epoch": ("How often the lease has changed hands", lambda t: t.lease.epoch),
}
COUNTERS = {
    "refused_attempts": "Messages that the door rejected",
    "set_aside": "Failed attempts of side effects; each is tried again later",
    "untold": "Unexpected errors while a message went to a publisher or a receiver; the others go on",
}
"""Keys of `Tenancy.counters`; they begin at 0 with the process."""


def exposition(tenancies: Sequence[Tenancy]) -> Callable[[], bytes]:
    """A function that returns the text. The libraries are imported at its first call: they would add a tenth of a
    second to every start, and most processes are never asked.
    """
    made: list[Callable[[], bytes]] = []

    def text() -> bytes:
        if not made:
            made.append(_instruments(tenancies))
        return made[0]()

    return text


def _instruments(tenancies: Sequence[Tenancy]) -> Callable[[], bytes]:
    from opentelemetry.exporter.prometheus import PrometheusMetricReader
    from opentelemetry.metrics import CallbackOptions, Observation
    from opentelemetry.sdk.metrics import MeterProvider
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    reader = PrometheusMetricReader(disable_target_info=True, scope_info_enabled=False, registry=registry)
    meter = MeterProvider([reader], shutdown_on_exit=False).get_meter("microgov")

    def observed(value: Callable[[Tenancy], int]) -> Callable[[CallbackOptions], Iterable[Observation]]:
        return lambda _: [
            Observation(value(t), {"service": t.service.name, "tenant": t.tenant.name}) for t in tenancies
        ]

    for name, (words, value) in GAUGES.items():
        meter.create_observable_gauge(f"microgov_{name}", [observed(value)], description=words)
    for name, words in COUNTERS.items():
        counted = observed(partial(_count, name))
        meter.create_observable_counter(f"microgov_{name}", [counted], description=words)
    return lambda: generate_latest(registry)


def _count(name: str, tenancy: Tenancy) -> int:
    return tenancy.counters[name]
