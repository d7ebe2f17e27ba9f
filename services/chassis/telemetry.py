"""Structured logs as JSON lines, and OpenTelemetry traces that span the services.

An input starts a trace or continues that of its sender. A fold copies the `traceparent` of the cause into its answers, so
one request is one trace through all services. Nothing is exported unless an endpoint is configured.
"""

import json
import logging
import re
import secrets
import sys
from datetime import UTC, datetime
from typing import Any

from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, TraceFlags, Tracer

_tracer: Tracer | None = None
PATH = re.compile(r"""(https?://[^\s/?#"'\\]+[/?#])[^\s"'\\]+""")
ADDRESS = re.compile(r"""(https?://)[^\s/?#"'\\]*@([^\s/?#"'\\]+)""")
WITH_ADDRESSES = ("httpx", "httpcore")
"""Libraries that log the full addresses of requests."""


class JsonLines(logging.Formatter):
    """Formats each log record as one line with a JSON object: time (UTC), level, logger, what, and the given fields."""

    def format(self, record: logging.LogRecord) -> str:
        body: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "what": record.getMessage(),
            **getattr(record, "given", {}),
        }
        if record.exc_info:
            body["trace"] = self.formatException(record.exc_info)
        return without_paths(json.dumps(body, ensure_ascii=False, default=str))


def without_paths(text: str) -> str:
    """The text with web addresses cut to scheme and host: the path of a webhook is its secret."""
    return ADDRESS.sub(r"\1\2", PATH.sub(r"\1…", text))


class Logger:
    """A logger whose keyword arguments become fields of the line."""

    def __init__(self, name: str) -> None:
        self.logger = logging.getLogger(name)

    def info(self, what: str, **given: Any) -> None:
        self.logger.info(what, extra={"given": given})

    def warning(self, what: str, **given: Any) -> None:
        self.logger.warning(what, extra={"given": given})

    def error(self, what: str, **given: Any) -> None:
        self.logger.error(what, extra={"given": given}, exc_info=sys.exc_info()[0] is not None)


def logger(name: str) -> Logger:
    """The logger `microgov.<name>`."""
    return Logger(f"microgov.{name}")


def start_logging(level: str) -> None:
    """Starts logging as JSON lines on standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in WITH_ADDRESSES:
        logging.getLogger(name).setLevel(logging.WARNING)


def start_tracing(service: str, endpoint: str | None) -> None:
    """Exports spans to an OTLP/HTTP endpoint; without an endpoint nothing is recorded."""
    global _tracer
    if endpoint is None:
        return
    # imported here, because the exporter doubles the time to start
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": f"microgov-{service}"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    _tracer = provider.get_tracer("microgov")


def use_tracer(tracer: Tracer | None) -> None:
    """Replaces the tracer (for tests)."""
    global _tracer
    _tracer = tracer


def tracing() -> bool:
    """Whether spans are recorded at all; asked once per batch."""
    return _tracer is not None


def span(name: str, traceparent: str | None, **attributes: str | int) -> None:
    """Records a span without duration, which shows that a message was handled. Its parent is the span named by the
    message's `traceparent`.
    """
    if _tracer is None or traceparent is None:
        return
    context = trace.set_span_in_context(NonRecordingSpan(context_of(traceparent)))
    _tracer.start_span(name, context=context, kind=SpanKind.CONSUMER, attributes=attributes).end()


def context_of(traceparent: str) -> SpanContext:
    """The W3C header `traceparent` as a span context."""
    _, trace_id, span_id, flags = traceparent.split("-")
    return SpanContext(
        int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16))
    )


def new_traceparent() -> str:
    """A new `traceparent`, for an input whose sender gave none."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
