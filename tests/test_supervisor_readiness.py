"""The supervisor checks ports and health, and names services that are late."""

import socket
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import psutil
import pytest

from microgov.local.ready import UnreadyChildren, is_ready, must_be_free
from microgov.local.supervisor import Child, Children
from microgov.services.chassis.errors import Problem
from tests.support.ports import free_port

SLEEP = ("sleep", "600")


def test_a_taken_port_is_named_in_both_languages() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(Problem) as caught:
            must_be_free(port)

    assert f"Port {port} is taken" in caught.value.en
    assert f"端口 {port} 已被占用" in caught.value.zh


class Healthy(BaseHTTPRequestHandler):
    body = b'{"ok": true, "ready": true}'

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:
        return None


class Starting(Healthy):
    body = b'{"ok": true, "ready": false}'


@pytest.mark.parametrize(("says", "ready"), [(Healthy, True), (Starting, False)])
def test_a_service_is_ready_if_its_health_says_so(says: type[Healthy], ready: bool) -> None:
    with HTTPServer(("127.0.0.1", 0), says) as server:
        port = server.server_address[1]
        assert not is_ready(free_port())
        thread = Thread(target=server.handle_request)
        thread.start()
        assert is_ready(port) is ready
        thread.join()


def test_a_late_service_is_named_and_checked_until_it_is_ready(tmp_path: Path) -> None:
    here, children = tmp_path / "here", Children(tmp_path, lambda said: None)

    late = children.start(Child("slow", SLEEP, ready=here.exists), Child("quick", SLEEP), within=0.2)
    assert [child.name for child in late] == ["slow"]
    assert psutil.pid_exists(int((tmp_path / "slow.pid").read_text()))

    reported: list[str] = []
    latecomers = UnreadyChildren(late, lambda: reported.append("ready"))
    latecomers.check()
    assert not reported
    here.touch()
    latecomers.checked_at = 0.0
    latecomers.check()
    latecomers.check()
    assert reported == ["ready"]
    children.stop()
