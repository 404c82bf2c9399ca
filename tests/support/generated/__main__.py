"""Write a generated environment and print its size:

``python -m tests.support.generated FOLDER eks|plant RESOURCES [--pools 60] [--seed 0]``

FOLDER must not exist. The environment is called `large`; it has as many teams as RESOURCES registered ones take. Sizes
are those of its first target: sites run one definition on as many machines each.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from tempfile import TemporaryDirectory

from bedplate.cli.pipeline import derived
from bedplate.environment.load import load
from tests.support.generated.repository import Shape
from tests.support.generated.write import teams_for, write


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.support.generated", description="Write a large environment.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("place", choices=["eks", "plant"])
    parser.add_argument("resources", type=int)
    parser.add_argument("--pools", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    with TemporaryDirectory(prefix="bedplate-generated-") as folder:
        teams = teams_for(Path(folder), chosen.place, chosen.pools, chosen.resources)
    targets = write(chosen.folder, Shape(chosen.place, chosen.pools, teams), seed=chosen.seed)
    graph = derived(load(chosen.folder, targets[0]))
    made = sum(1 for resource in graph if resource.derived_from is not None)
    answer = {"targets": targets, "pools": chosen.pools, "teams": teams, "seed": chosen.seed}
    print(json.dumps({**answer, "registered": len(graph) - made, "all": len(graph)}))


if __name__ == "__main__":
    main()
