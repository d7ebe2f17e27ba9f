"""The Chinese for the reasons that services report in their health.

/health is in English only, since programs read it; people read `microgov status`. Technical parts, such as the error of a
library, stay as they are.
"""

import re

PARTS = {
    "the database": "数据库",
    "the broker": "消息服务器",
    "forward": "向前",
    "back": "向后",
    "ahead of": "快",
    "behind": "慢",
}
LOG_LOST = "日志与数据库不相符。请停止所有服务，从完好的备份恢复（`microgov restore`）。"
PATTERNS: tuple[tuple[str, str], ...] = (
    (r"(the database|the broker) has not answered yet", "{0}尚未回应"),
    (r"(the database|the broker) has not answered for (\d+) s", "{0}已 {1} 秒没有回应"),
    (r"came to grief and is started again: ", "意外中止，正在重新启动："),
    (r"(\S+) refuses to write to ([^:]+): ", "{0} 拒绝写入 {1}："),
    (r"(\S+) refuses to run: ", "{0} 拒绝运行："),
    (r"(\S+) fails again and again: ", "{0} 反复失败："),
    (r"(\S+) does not get on: ", "{0} 没有进展："),
    (r"it has not begun yet", "尚未开始"),
    (
        r"(\S+) does not try (\S+) any more: it failed too often\. See `microgov quarantine list`",
        "{0} 不再处理 {1}：失败次数过多。请用 `microgov quarantine list` 查看",
    ),
    (
        r"(\S+) sends nothing since a restore: see `microgov resume`",
        "{0} 自恢复以来暂停发送：请用 `microgov resume` 决定",
    ),
    (
        r"the stream of publisher (\S+) is gone from the broker, and nothing it sends is taken\. Run `([^`]+)`",
        "发布者 {0} 的流已从消息服务器中消失，它发出的内容无人接收：请运行 `{1}`",
    ),
    (r"the clock of this machine is in doubt, and nothing is stamped: ", "本机时钟存疑，暂不盖时间戳："),
    (r"it has leapt by (\d+) s (forward|back)", "时钟{1}跳了 {0} 秒"),
    (r"it is (\d+) s (ahead of|behind) (the broker|the database)'s", "比{2}的时钟{1} {0} 秒"),
    (
        r"Set the clock that is wrong; or, where the machine's is right, run `([^`]+)`",
        "请校正不准的时钟；如本机时钟正确，请运行 `{0}`",
    ),
    (r"the fold has not reached the head of the log yet", "尚未读到日志末尾"),
    (r"the machine's clock cannot be believed", "本机时钟不可信"),
    (r"directory and courier have not reached the head of the log yet", "名册与投递员尚未读到日志末尾"),
    (r"it learns from the log who began what", "正在从日志中学习每件事由谁发起"),
    (r"[Tt]he broker at (\S+) is away", "消息服务器 {0} 不在"),
    (
        r"The last (\d+) messages failed, of (\d+) kinds at least: .*",
        "最近 {0} 条消息（至少 {1} 种）都失败了：此版本不适合这份日志，已停止处理。"
        "请安装另一版本；若已另行修复，请运行 `microgov quarantine lift`。",
    ),
    (
        r"The broker would lose what .*",
        "断电时消息服务器会丢失已确认的消息：请在其 jetstream 配置中设 `sync_interval: always` 并重启。",
    ),
    (
        r"This database would lose commits when the power goes \(([^)]*)\): set (.*)\.",
        "断电时数据库会丢失已提交的内容（{0}）：请设 {1}。",
    ),
    (
        r"Problem: The database of (\S+) is at revision (\S+), and this version \(([^)]*)\) knows (\S+) at most: .*",
        "{0} 的数据库版本为 {1}，此版本（{2}）只认得到 {3}：请启动更新的版本，或恢复之前的备份（`microgov restore`）。",
    ),
    (
        r"Folding again, .*",
        "重新计算的结果与日志所载不同：请换回原来的版本，或让新版本询问 rules.behaviour。",
    ),
    (
        r"(\S+ ends at \d+; the database has folded|\S+ has no message at|\S+ holds \S+ at|The last message of \S+, at|"
        r"The log ends at message|Message \d+ of) .*",
        LOG_LOST,
    ),
)


def in_chinese(said: str) -> str:
    """The Chinese for a reason in Health's `why` or `notes`, or in the `reason` of a loop."""
    for pattern, chinese in PATTERNS:
        for found in re.finditer(pattern, said, re.DOTALL):
            in_words = chinese.format(*(PARTS.get(part, part) for part in found.groups()))
            said = said.replace(found.group(), in_words, 1)
    return said
