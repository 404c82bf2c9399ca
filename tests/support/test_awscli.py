"""The stand-in `aws` command: a token for kubeconfigs, and nothing else."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.awscli.install import install
from tests.support.fakeaws.control import FakeAwsControl

GET_TOKEN = ("--region", "eu-west-1", "eks", "get-token", "--cluster-name", "dev", "--output", "json")


def aws(folder: Path, *arguments: str, world: Path | None = None) -> subprocess.CompletedProcess[str]:
    env = {"FAKE_AWS_DIR": str(world)} if world else {}
    return subprocess.run([install(folder), *arguments], env=env, capture_output=True, text=True, check=False)


def test_a_token_is_printed_as_a_credential_for_kubectl(tmp_path: Path) -> None:
    FakeAwsControl(tmp_path).set_cluster(endpoint="https://x", certificate_authority="Y2E=", token="letmein")
    result = aws(tmp_path, *GET_TOKEN, world=tmp_path)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "kind": "ExecCredential",
        "spec": {},
        "status": {"token": "letmein"},
    }


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (("s3", "ls"), 252, "knows only: aws eks get-token --cluster-name NAME"),
        (("eks", "get-token"), 252, "the following arguments are required: --cluster-name"),
    ],
)
def test_any_other_command_is_refused(tmp_path: Path, arguments: tuple[str, ...], code: int, reason: str) -> None:
    result = aws(tmp_path, *arguments, world=tmp_path)
    assert (result.returncode, result.stdout) == (code, "")
    assert reason in result.stderr


def test_without_a_cluster_there_is_no_token_and_the_reason_is_told(tmp_path: Path) -> None:
    assert "FAKE_AWS_DIR is not set" in aws(tmp_path, *GET_TOKEN).stderr
    missing = aws(tmp_path, *GET_TOKEN, world=tmp_path)
    assert (missing.returncode, missing.stdout) == (255, "")
    assert "cluster.json: no such file" in missing.stderr
    (tmp_path / "cluster.json").write_text('{"endpoint": "https://x"}', encoding="utf-8")
    assert 'must be a JSON object with a "token"' in aws(tmp_path, *GET_TOKEN, world=tmp_path).stderr
