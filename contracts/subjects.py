"""The broker's subjects on which messages are published."""

from microgov.contracts.message import Question


def log_subject(tenant: str, writer: str, type_name: str) -> str:
    """The subject of a message in the log: log.<tenant>.<writer>.<owner>.<name>.v<n>"""
    return f"log.{tenant}.{writer}.{type_name}"


def in_subject(publisher: str, tenant: str, type_name: str) -> str:
    """The subject on which a publisher sends a message: in.<publisher>.<tenant>.<owner>.<name>.v<n>"""
    return f"in.{publisher}.{tenant}.{type_name}"


def ask_subject(publisher: str, tenant: str, question: type[Question]) -> str:
    """The subject on which a publisher asks a question: ask.<publisher>.<tenant>.<service>.<name>"""
    return f"ask.{publisher}.{tenant}.{question.OWNER}.{question.NAME}"
