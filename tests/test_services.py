"""What all sessions share: here, where the sandbox is found again after a restart."""

import socket
from pathlib import Path

from triage.services import start_sandbox


def test_the_sandbox_has_the_same_address_after_a_restart(tmp_path: Path) -> None:
    urls = set()
    for _ in range(2):
        sandbox = start_sandbox(tmp_path / "sandbox.json")
        urls.add(sandbox.url)
        sandbox.stop()
    assert len(urls) == 1


def test_a_taken_port_is_no_reason_not_to_start(tmp_path: Path) -> None:
    first = start_sandbox(tmp_path / "sandbox.json")
    first.stop()
    with socket.create_server(("127.0.0.1", first.port)):
        second = start_sandbox(tmp_path / "sandbox.json")
        second.stop()
    assert second.port != first.port
