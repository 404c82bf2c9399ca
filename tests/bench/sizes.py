"""Sizes of the generated environments that are measured: 60 pools of every kind, and as many teams as it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Size:
    """An environment on AWS (eks) or on machines at three sites (plant) that registers `resources` or a few more."""

    name: str
    place: Literal["eks", "plant"]
    resources: int


EKS_1000 = Size("eks-1000", "eks", 1_000)
EKS_5000 = Size("eks-5000", "eks", 5_000)
PLANT_5000 = Size("plant-5000", "plant", 5_000)

GROWING = (EKS_1000, EKS_5000)
"""Two sizes of one environment, between which growth is told."""
