"""`aws`, as far as a kubeconfig needs it: `aws eks get-token` prints the token in `$FAKE_AWS_DIR/cluster.json`."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import NoReturn

API_VERSION = "client.authentication.k8s.io/v1beta1"
USAGE_ERROR, CLIENT_ERROR = 252, 255


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        _fail(USAGE_ERROR, f"{self.prog}: {message}")


def main() -> None:
    """Print an ExecCredential, or leave with the AWS command line's own exit codes: 252 usage, 255 no credentials."""
    words = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    if "eks" not in words or "get-token" not in words:
        _fail(USAGE_ERROR, "the fake aws command knows only: aws eks get-token --cluster-name NAME")
    parser = _Parser(prog="aws eks get-token", allow_abbrev=False)
    parser.add_argument("--cluster-name", required=True)
    parser.parse_known_args()
    credential = {"apiVersion": API_VERSION, "kind": "ExecCredential", "spec": {}, "status": {"token": _token()}}
    print(json.dumps(credential))


def _token() -> str:
    folder = os.environ.get("FAKE_AWS_DIR")
    if not folder:
        _fail(CLIENT_ERROR, "FAKE_AWS_DIR is not set: there is no cluster to get a token for")
    path = Path(folder) / "cluster.json"
    try:
        token = json.loads(path.read_text(encoding="utf-8"))["token"]
    except FileNotFoundError:
        _fail(CLIENT_ERROR, f"{path}: no such file")
    except (json.JSONDecodeError, KeyError, TypeError):
        _fail(CLIENT_ERROR, f'{path}: must be a JSON object with a "token"')
    return str(token)


def _fail(code: int, message: str) -> NoReturn:
    print(message, file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
