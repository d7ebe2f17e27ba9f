"""A real deployment by deploy/compose.yaml: stories and commands are run, every container is killed, volumes are copied.

The secrets are made by a container, as the README describes: only the test itself needs Python on the host.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from microgov.services.gateway.accounts.nats_config import config
from tests.compose.engine import (
    DEPLOY,
    LASTING,
    LIMIT,
    ROOT,
    cli,
    compose,
    healths,
    main_process,
    microgov,
    person,
    restarted_and_healthy,
    state,
    until_all_are,
)


def test_the_servers_configuration_is_what_the_code_generates() -> None:
    included = "accounts/accounts.conf"
    wanted = config(port=4222, store_dir="/data", host="0.0.0.0", http_port=8222, accounts_file=included)

    assert (DEPLOY / "nats" / "nats.conf").read_text().split("\n", 1)[1] == wanted


@pytest.mark.compose
def test_every_story_can_be_played_through_the_published_port(stack: None) -> None:
    microgov("status")
    microgov("demo", "all")
    microgov("check")


@pytest.mark.compose
def test_every_command_works_where_it_is_deployed(stack: None, tmp_path: Path) -> None:
    some = [
        person("c-1", "p-1", "register_person", "demo", household="h"),
        person("c-2", "p-1", "grant_role", "demo", role="resident"),
    ]
    (tmp_path / "some.json").write_text(json.dumps(some), "utf-8")
    sheet = "id,name,status,domains,places,representatives\norg-1,一社,filed,care,demo,p-1\n"
    (tmp_path / "orgs.csv").write_text(sheet, "utf-8")
    shutil.copy(DEPLOY / "examples" / "donghu" / "themes.yaml", tmp_path)

    assert "all is ready" in cli("status")
    assert "told" in cli("demo", "first", "--lang", "en")
    assert "2 messages are stored" in cli("send", "some.json", "--tenant", "demo", files=tmp_path)
    assert "2 had been sent before" in cli("send", "-", "--tenant", "demo", say=json.dumps(some))
    assert "p-1" in cli("tail", "--tenant", "demo", "--entity", "p-1")
    assert "1 new" in cli("import", "organisations", "orgs.csv", "--tenant", "demo", files=tmp_path)
    assert "org-1" in cli("list", "organisations", "--tenant", "demo")
    assert "一社" in cli("show", "organisation", "org-1", "--tenant", "demo")
    assert "whsec_" in cli(
        "contact", "set", "--person", "p-1", "--webhook", "http://127.0.0.1:9/", "--tenant", "demo"
    )
    assert "is not registered" in cli("inbox", "nobody", "--tenant", "demo", code=1)
    cli("household", "read", "h", "--by", "p-1", "--why", "care", "--tenant", "demo", code=1)
    cli("clock", "advance", "--by", "1h")
    assert "in force" in cli("rules", "apply", "themes.yaml", files=tmp_path)
    assert "themes" in cli("rules", "show", "themes")
    assert "Nothing is quarantined" in cli("quarantine", "list")
    cli("log", "record", "demo.ndjson", "--tenant", "demo", files=tmp_path)
    assert "all is well" in cli("log", "verify", "demo.ndjson", files=tmp_path)
    assert "the same state" in cli("log", "replay", "demo.ndjson", files=tmp_path)
    assert "nothing stands twice" in cli("check", "--tenant", "demo")


@pytest.mark.compose
def test_publishers_are_added_rotated_and_revoked_and_the_files_stay_their_owners(stack: None) -> None:
    owner = (DEPLOY / "secrets").stat().st_uid

    added = json.loads(cli("publishers", "add", "portal", "--tenant", "donghu", "--json"))
    rotated = json.loads(cli("publishers", "rotate", "portal", "--json"))
    said = cli("publishers", "rotate", "cli")
    assert (DEPLOY / "secrets" / "nats_cli").read_text().strip() not in said

    assert added["secret"] != rotated["secret"]
    assert "portal" in cli("publishers", "list")
    assert "revoked" in cli("publishers", "revoke", "portal")
    assert "portal" not in cli("publishers", "list")
    assert {file.stat().st_uid for file in (DEPLOY / "secrets").rglob("*") if file.name != ".gitignore"} == {
        owner
    }
    microgov("status")  # from this machine, with what was written by the container


@pytest.mark.compose
def test_a_new_tenant_is_served_after_a_restart_and_a_service_is_rebuilt(stack: None) -> None:
    assert "restart gateway issues matching notify" in cli("tenant", "add", "xihu")
    assert "was there already" in cli("tenant", "add", "xihu")
    compose("restart", "gateway", "issues", "matching", "notify")
    assert "all is ready" in cli("status", "--tenant", "xihu", "--wait", "60")

    compose("stop", "matching")
    cli("rebuild", "matching", "--tenant", "demo", "--strict")
    compose("up", "--wait", "--wait-timeout", "60")
    assert "all is ready" in cli("status", "--wait", "30")
    assert "nothing stands twice" in cli("check", "--tenant", "demo")
    refused = [line for line in compose("logs", "nats").splitlines() if "INFO.IN-donghu_portal" in line]
    assert len(refused) <= 2, "who was revoked is asked for again and again"  # once in each life of the door


@pytest.mark.compose
def test_no_command_on_the_host_makes_a_second_deployment(stack: None, tmp_path: Path) -> None:
    env = {**os.environ, "MICROGOV_SECRETS": str(DEPLOY / "secrets"), "MICROGOV_VAR": str(tmp_path / "var")}
    command = [sys.executable, "-m", "microgov", "tenant", "add", "suzhou"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, cwd=ROOT)

    assert done.returncode == 2
    assert "run --rm cli tenant add suzhou" in done.stderr
    assert not (tmp_path / "var").exists()


@pytest.mark.compose
@pytest.mark.parametrize("service", LASTING)
def test_a_killed_main_process_is_restarted_and_nothing_is_lost(stack: None, service: str) -> None:
    pid, restarts, _ = state(service)

    os.kill(pid, signal.SIGKILL)

    until = time.monotonic() + 60
    while not restarted_and_healthy(service, restarts):
        assert time.monotonic() < until, f"{service} did not come back"
        others = {name: health for name, health in healths().items() if name != service}
        assert set(others.values()) == {"healthy"}, f"{service} was killed, and others are not well: {others}"
        time.sleep(0.5)
    compose("up", "--wait", "--wait-timeout", "60")
    microgov("check")


@pytest.mark.compose
def test_a_suspended_process_ends_and_is_restarted(stack: None) -> None:
    _, restarts, _ = state("issues")
    still = main_process("issues")

    still.suspend()
    time.sleep(LIMIT + 2)
    assert "no process answers" in cli("status", code=1)
    still.resume()

    until = time.monotonic() + 60
    while not restarted_and_healthy("issues", restarts):
        assert time.monotonic() < until, "it did not end"
        time.sleep(0.5)
    assert "all is ready" in cli("status", "--wait", "30")


@pytest.mark.compose
def test_health_and_status_report_a_stopped_database_and_services_wait_for_it(stack: None) -> None:
    _, restarts, _ = state("issues")

    compose("stop", "postgres")
    until_all_are("unhealthy", 40)
    assert "the database has not answered" in cli("status", code=1)
    compose("start", "postgres")

    until_all_are("healthy", 20)
    assert "all is ready" in cli("status", "--wait", "30")
    assert state("issues")[1] == restarts


@pytest.mark.compose
def test_down_and_up_leaves_everything_as_it_was(stack: None) -> None:
    before = microgov("check")

    compose("down")
    compose("up", "--wait", "--wait-timeout", "180")

    assert microgov("check") == before
    microgov("demo", "order")
