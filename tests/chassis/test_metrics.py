"""/metrics of the real application, read by Prometheus' own parser."""

import urllib.request
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from microgov.services.chassis.runtime.metrics import COUNTERS, GAUGES
from tests.chassis.conftest import Start
from tests.chassis.service_process import Process, eventually, files, tenant
from tests.support.servers import NatsServer

LABELS = {"service": "issues", "tenant": "measured"}


def scraped(process: Process) -> dict[str, float]:
    """The samples of the tenant by their names; every one has its labels and no others."""
    with urllib.request.urlopen(f"http://127.0.0.1:{process.port}/metrics", timeout=5) as answer:
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        text = answer.read().decode()
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    assert all(sample.labels == LABELS for sample in samples)
    return {sample.name: sample.value for sample in samples}


async def test_every_gauge_and_counter_is_there_and_follows_the_log(
    nats_server: NatsServer, tmp_path: Path, start: Start
) -> None:
    database = files(tmp_path)
    of = await tenant(nats_server.url, database, tmp_path, "measured")
    process = start(nats_server.url, database)
    process.ready()
    before = scraped(process)
    assert before.keys() == {f"microgov_{name}" for name in GAUGES} | {
        f"microgov_{name}_total" for name in COUNTERS
    }
    assert before["microgov_active"] == 1
    assert before["microgov_healthy"] == 1
    assert before["microgov_epoch"] == 1
    assert before["microgov_set_aside_total"] == 0

    await of.submit("fine")
    await of.wait_for_event("i-1")

    eventually(lambda: scraped(process)["microgov_position"] > before["microgov_position"], 5, "position")
    eventually(lambda: scraped(process)["microgov_lag"] == 0, 5, "no lag")
