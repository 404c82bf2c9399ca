"""The life of an engine plugin: serve on a local port, print it, and go when the engine goes."""

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import grpc

MESSAGE_LIMIT = 400 << 20
CHECK_PARENT_SECONDS = 0.5


def serve(register: Callable[[grpc.Server], None], on_stop: Callable[[], None], *, workers: int = 32) -> None:
    """Serve until SIGINT or SIGTERM arrives, or the process that started this one has gone.

    The engine reads the port from the first line of standard output, and gives a plugin five seconds after SIGINT.
    `on_stop` is called before the server closes; it has to end the calls that are still under way.
    """
    parent = os.getppid()
    stopping = threading.Event()
    options = [("grpc.max_receive_message_length", MESSAGE_LIMIT), ("grpc.max_send_message_length", MESSAGE_LIMIT)]
    server = grpc.server(ThreadPoolExecutor(workers), options=options)
    register(server)
    port = server.add_insecure_port("127.0.0.1:0")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    server.start()
    print(port, flush=True)
    # The engine may be killed without a word: only the changed parent tells.
    while not stopping.wait(CHECK_PARENT_SECONDS) and os.getppid() == parent:
        pass
    on_stop()
    server.stop(grace=None).wait()
