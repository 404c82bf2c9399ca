"""A preview is empty exactly when nothing differs, for whatever single field somebody edits."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bedplate.cli.pipeline import judged
from bedplate.environment.load import load
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.graph.values import canonical
from bedplate.model.source import InputError
from bedplate.output.compare import compare
from bedplate.output.sides import Base
from tests.laws.mutations import Edit, edits
from tests.support.environments import PLATFORM, TODAY, dev_review, repository, whole, write

SAMPLE = 60
SEED = 2026

CORPUS = list(edits(whole(PLATFORM, "dev")))
CHOSEN = random.Random(SEED).sample(CORPUS, SAMPLE)


def test_the_corpus_holds_hundreds_of_edits() -> None:
    assert len(CORPUS) > 300
    assert len({edit.path for edit in CHOSEN}) > SAMPLE // 2


def loaded(root: Path) -> ResolvedEnvironment | InputError:
    """The environment `dev` below `root`, or what is said against it."""
    try:
        return load(root, "dev")
    except InputError as error:
        return error


@pytest.mark.parametrize("edit", CHOSEN, ids=str)
def test_an_edit_is_refused_at_its_place_or_shown(edit: Edit, tmp_path: Path) -> None:
    root, before = repository(tmp_path), dev_review()
    write(root, "environments/dev.yaml", edit.document)
    resolved = loaded(root)
    if isinstance(resolved, InputError):
        assert [problem.message for problem in resolved.problems if problem.position is None] == []
        return
    after = judged(resolved, TODAY)
    base, head = before.to_json(), after.to_json()
    comparison = compare("dev", head, Base("before", base), {}, graph=after.graph)
    assert (after.graph.bytes == before.graph.bytes) == (not comparison.changes and not comparison.reframed)
    assert (canonical(head) == canonical(base)) == (not comparison.differs)
