"""Free TCP ports that two control planes on one machine never both pick."""

from __future__ import annotations

import random
import socket

HOST = "127.0.0.1"
# Below the range from which systems take the local ports of outgoing connections.
FIRST, LAST = 20000, 29999


class PortLeases:
    """Ports picked for one control plane, held until `release`.

    A server binds its port some time after the pick. In between nobody else may pick it, so the UDP port of the same
    number is bound as a lock: the kernel gives it back when the process ends in whatever way.
    """

    def __init__(self) -> None:
        self._locks: list[socket.socket] = []
        # Not seeded on purpose: parallel test processes must not walk the same sequence.
        self._random = random.SystemRandom()

    def pick(self) -> int:
        """A port on which nothing listens.

        Raises:
            OSError: no free port was found in many attempts.
        """
        for _ in range(200):
            port = self._random.randint(FIRST, LAST)
            lock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                lock.bind((HOST, port))
                _require_free(port)
            except OSError:
                lock.close()
                continue
            self._locks.append(lock)
            return port
        raise OSError(f"no free TCP port on {HOST} between {FIRST} and {LAST}")

    def release(self) -> None:
        """Let others pick these ports again."""
        while self._locks:
            self._locks.pop().close()


def _require_free(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, port))
