"""Image references, taken apart with nothing implied."""

from __future__ import annotations

import pytest

from bedplate.units.image import split_image

DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("reference", "parts"),
    [
        ("nginx", ("docker.io", "library/nginx", "", "")),
        ("nginx:1.29", ("docker.io", "library/nginx", "1.29", "")),
        ("docker.io/nginx", ("docker.io", "library/nginx", "", "")),
        ("vllm/vllm-openai:v0.31.0", ("docker.io", "vllm/vllm-openai", "v0.31.0", "")),
        ("registry.k8s.io/pause:3.10", ("registry.k8s.io", "pause", "3.10", "")),
        ("localhost/app", ("localhost", "app", "", "")),
        ("localhost:5000/a/b/c:x", ("localhost:5000", "a/b/c", "x", "")),
        ("[::1]:5000/app", ("[::1]:5000", "app", "", "")),
        (f"ghcr.io/org/app@{DIGEST}", ("ghcr.io", "org/app", "", DIGEST)),
        (f"ghcr.io/org/app:1.0@{DIGEST}", ("ghcr.io", "org/app", "1.0", DIGEST)),
        ("public.ecr.aws/a__b/c-d.e:latest", ("public.ecr.aws", "a__b/c-d.e", "latest", "")),
    ],
)
def test_a_reference_is_taken_apart_with_the_defaults_made_explicit(
    reference: str, parts: tuple[str, str, str, str]
) -> None:
    image = split_image(reference)
    assert (image.registry, image.repository, image.tag, image.digest) == parts
    assert split_image(str(image)) == image


def test_an_image_prints_in_full() -> None:
    assert str(split_image(f"nginx:1.29@{DIGEST}")) == f"docker.io/library/nginx:1.29@{DIGEST}"
    assert str(split_image("nginx")) == "docker.io/library/nginx"


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("", "'library/' is not a repository"),
        ("Nginx", "'library/Nginx' is not a repository"),
        ("a//b", "is not a repository"),
        ("a/-b", "is not a repository"),
        ("x" * 250, "is not a repository"),
        ("nginx:", "'' is not a tag"),
        ("nginx:-1", "'-1' is not a tag"),
        ("nginx:" + "x" * 129, "is not a tag"),
        ("nginx@latest", "after '@' comes sha256: and 64 lower-case hexadecimal digits"),
        ("nginx@", "after '@' comes sha256:"),
        ("nginx@sha512:" + "0" * 128, "after '@' comes sha256:"),
        ("a..b-.com:x/app", "'a..b-.com:x' is not a registry host"),
        ("nginx\n", "is not a repository"),
    ],
)
def test_what_is_no_reference_is_refused_with_the_reason(reference: str, reason: str) -> None:
    with pytest.raises(ValueError, match="image .*" + reason.replace("(", r"\(")):
        split_image(reference)
