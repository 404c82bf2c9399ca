"""`pulumi-resource-aws`: started by the engine, with the engine's address as argument, which is not needed."""

import os
from pathlib import Path

from pulumi.runtime.proto.provider_pb2_grpc import add_ResourceProviderServicer_to_server

from tests.support.fakeaws.provider import FakeAws
from tests.support.plugin_server import serve


def main() -> None:
    """Serve until the engine stops the plugin or dies."""
    folder = os.environ.get("FAKE_AWS_DIR")
    provider = FakeAws(Path(folder) if folder else None)
    serve(lambda server: add_ResourceProviderServicer_to_server(provider, server), provider.interrupt)


if __name__ == "__main__":
    main()
