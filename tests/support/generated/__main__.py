"""Write a generated environment and print its size:

``python -m tests.support.generated FOLDER eks|plant RESOURCES [--pools 60] [--seed 0]``

FOLDER must not exist. The environment is called `large`; it has as many teams as RESOURCES registered ones take.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from tempfile import TemporaryDirectory

from bedplate.cli.pipeline import derived
from bedplate.environment.load import load
from tests.support.generated.repository import Shape
from tests.support.generated.write import registered, teams_for, write


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
    sizes = {
        target: {"registered": registered(chosen.folder, target), "all": len(derived(load(chosen.folder, target)))}
        for target in targets
    }
    print(json.dumps({"teams": teams, "pools": chosen.pools, "seed": chosen.seed, "targets": sizes}, indent=2))


if __name__ == "__main__":
    main()
