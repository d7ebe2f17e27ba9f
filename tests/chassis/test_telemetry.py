"""One request is one trace, through every service that handles what follows from it; off unless configured."""

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from microgov.services.chassis import telemetry
from microgov.services.chassis.messages.parsed import read_one
from microgov.services.chassis.messages.stamp import EventStamper
from microgov.services.chassis.model import Said
from tests.chassis import tool_service
from tests.chassis.fold_feeder import Feeder

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    telemetry.use_tracer(provider.get_tracer("test"))
    yield exporter
    telemetry.use_tracer(None)


def test_events_carry_the_trace_of_their_cause() -> None:
    feeder = Feeder(tool_service.service())
    feeder.send(tool_service.OfferTool(), "ladder")
    cause = read_one(feeder.log[0]).m.model_copy(update={"traceparent": TRACE})

    offered = Said(tool_service.ToolOffered(), subject="ladder", version=1)
    drafts = EventStamper(tenant="t", writer="tools").because_of(cause, [offered])

    assert f'"traceparent":"{TRACE}"'.encode() in drafts[0].data


def test_spans_of_several_services_join_one_trace(spans: InMemorySpanExporter) -> None:
    for service in ("issues", "notify"):  # each records a span, which is over at once, for the same message
        telemetry.span(f"{service} issues.submit_issue.v1", TRACE, seq=7)

    found = spans.get_finished_spans()
    assert [span.name.split()[0] for span in found] == ["issues", "notify"]
    assert {f"{span.context.trace_id:032x}" for span in found if span.context} == {TRACE.split("-")[1]}
    assert {f"{span.parent.span_id:016x}" for span in found if span.parent} == {TRACE.split("-")[2]}


def test_without_an_endpoint_for_traces_no_spans_are_recorded() -> None:
    telemetry.start_tracing("issues", None)

    assert not telemetry.tracing()
