"""`pulumi-language-python`: started by the engine as `pulumi-language-python [flags] ENGINE_ADDRESS`."""

import argparse
from pathlib import Path

from pulumi.runtime.proto.language_pb2_grpc import add_LanguageRuntimeServicer_to_server

from tests.support.langhost.host import LanguageHost
from tests.support.plugin_server import serve


def main() -> None:
    """Serve until the engine stops the host or dies."""
    parser = argparse.ArgumentParser(prog="pulumi-language-python", allow_abbrev=False)
    parser.add_argument("--runner", type=Path, required=True, help="the SDK's pulumi-language-python-exec")
    options, rest = parser.parse_known_args()
    addresses = [argument for argument in rest if not argument.startswith("-")]
    host = LanguageHost(addresses[-1] if addresses else "", options.runner)
    serve(lambda server: add_LanguageRuntimeServicer_to_server(host, server), host.children.stop_all)


if __name__ == "__main__":
    main()
