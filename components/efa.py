"""Network interfaces of nodes with Elastic Fabric Adapters. Pure arithmetic.

Source: Amazon EC2 User Guide, "Maximize network bandwidth on Amazon EC2 instances with multiple network cards".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface: the network card it sits on, its number on that card, and whether it carries IP traffic."""

    card: int
    device: int
    kind: Literal["interface", "efa-only"]


def interfaces(adapters: int, *, most: int, cards: int) -> tuple[Interface, ...]:
    """The primary interface, which carries all IP traffic, and `adapters` that carry EFA's alone.

    `most` is how many adapters the instance type has, `cards` its network cards. One adapter fits on each card. Where
    there are fewer adapters than cards, the first card has none. On the first card the adapter is the second device,
    on others the first. Adapters use no IP addresses. Raises ValueError where there are not so many.
    """
    if not 1 <= adapters <= most:
        raise ValueError(f"{adapters} adapters asked for, and the instance type has {most}")
    first = 0 if most >= cards else 1
    return (
        Interface(0, 0, "interface"),
        *(Interface(card, 1 if card == 0 else 0, "efa-only") for card in range(first, first + adapters)),
    )
