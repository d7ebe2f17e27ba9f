"""No two servers of the tests get the same port, in whatever process, nor one that follows on the first of a deployment."""

import json
import socket
import subprocess
import sys
from pathlib import Path

from microgov.local.up import SERVICES
from tests.support.ports import DEPLOYMENT, EACH, deployment_ports, free_port

ROOT = Path(__file__).parents[1]
TAKE = """
import json, sys
from tests.support.ports import free_port
print(json.dumps([free_port() for _ in range(200)]), flush=True)
sys.stdin.read()
"""


def test_processes_that_test_at_the_same_time_get_different_ports() -> None:
    command = [sys.executable, "-c", TAKE]
    others = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    taken = [free_port() for _ in range(200)]
    for other in others:
        assert other.stdout is not None
        taken += json.loads(other.stdout.readline())
    for other in others:
        other.communicate()

    assert len(set(taken)) == len(taken) == 600


def test_a_deployment_gets_a_port_for_each_service_and_a_taken_one_is_left_out() -> None:
    with socket.socket() as taken:
        port = free_port(1 + DEPLOYMENT)
        taken.bind(("127.0.0.1", port + 3))
        taken.listen()
        given = [deployment_ports() for _ in range(2 * EACH // DEPLOYMENT)]

    assert len(SERVICES) < DEPLOYMENT
    for ports in given:
        broker, health = int(ports["MICROGOV_NATS_PORT"]), int(ports["MICROGOV_HEALTH_PORT"])
        assert broker + 1 == health
        assert port + 3 not in range(broker, health + DEPLOYMENT)
