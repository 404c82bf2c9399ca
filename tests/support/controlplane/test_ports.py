"""Control planes on one machine pick different ports."""

from __future__ import annotations

import socket

from tests.support.controlplane.ports import HOST, PortLeases


def test_a_picked_port_is_free_and_picked_once() -> None:
    first, second = PortLeases(), PortLeases()
    picked = [first.pick() for _ in range(20)] + [second.pick() for _ in range(20)]
    assert len(set(picked)) == 40
    with socket.socket() as server:
        server.bind((HOST, picked[0]))
    first.release()
    second.release()
