"""`microgov log`: the log of a tenant as a file, which can be read, replayed as a test, cut and redacted."""

from microgov.commands.base import Json, echo, examples, finish, group, out, print_as_json
from microgov.commands.log_coverage import EXAMPLES as COVERAGE_EXAMPLES
from microgov.commands.log_coverage import coverage
from microgov.commands.log_cut import EXAMPLES as CUT_EXAMPLES
from microgov.commands.log_cut import cut_log
from microgov.commands.log_record import EXAMPLES as RECORD_EXAMPLES
from microgov.commands.log_record import record
from microgov.commands.log_redact import EXAMPLES as REDACT_EXAMPLES
from microgov.commands.log_redact import redact as redact_log
from microgov.commands.log_replay import EXAMPLES, replay
from microgov.commands.log_rows import EXAMPLES as ROWS_EXAMPLES
from microgov.commands.log_rows import rows
from microgov.commands.log_show import EXAMPLES as SHOW_EXAMPLES
from microgov.commands.log_show import show
from microgov.commands.recordings import MAX_LINES, File, problems, read_recording

app = group(
    "The log of a tenant as a file: record, show, replay, cut, redact · 日志文件：录制、查看、重放、剪取、去除个人信息"
)
app.command(epilog=RECORD_EXAMPLES)(record)


@app.command(
    epilog=examples("microgov log verify tests/logs/order.ndjson", "microgov log verify veg.ndjson --json")
)
def verify(path: File, json: Json = False) -> None:
    """Checks that a recording is complete, unchanged, in order, numbered without gaps, and valid by every schema · 核对"""
    recording = read_recording(path)
    wrong = problems(recording)
    many = len(recording.messages)
    if json:
        print_as_json({"messages": many, "wrong": wrong})
        finish(not wrong)
    for line in wrong[:MAX_LINES]:
        out.print(line, style="red")
    if len(wrong) > MAX_LINES:
        echo(f"… 另有 {len(wrong) - MAX_LINES} 处", f"… and {len(wrong) - MAX_LINES} more")
    if not wrong:
        echo(f"{path}：{many} 条消息，完好", f"{path}: {many} messages, all is well", style="green")
    finish(not wrong)


app.command(epilog=EXAMPLES)(replay)
app.command(epilog=COVERAGE_EXAMPLES)(coverage)
app.command(epilog=ROWS_EXAMPLES)(rows)
app.command(epilog=SHOW_EXAMPLES)(show)
app.command("cut", epilog=CUT_EXAMPLES)(cut_log)
app.command("redact", epilog=REDACT_EXAMPLES)(redact_log)
