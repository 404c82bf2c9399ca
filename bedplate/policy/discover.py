"""Find policies by their place in a package: one module, one rule, id = group/slug."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType

from bedplate.policy.policy import Policy, Rule


@cache
def rules(package: str = "policies") -> tuple[Rule, ...]:
    """All rules below `package`, sorted by id. Raises TypeError for a module that is not shaped like a policy."""
    root = importlib.import_module(package)
    found: list[Rule] = []
    for group in pkgutil.iter_modules(root.__path__):
        if group.ispkg:
            module = importlib.import_module(f"{package}.{group.name}")
            found += [_rule(package, group.name, item.name) for item in pkgutil.iter_modules(module.__path__)]
    return tuple(sorted(found, key=lambda rule: rule.id))


def _rule(package: str, group: str, slug: str) -> Rule:
    module: ModuleType = importlib.import_module(f"{package}.{group}.{slug}")
    policy, check = getattr(module, "POLICY", None), getattr(module, "check", None)
    if not isinstance(policy, Policy) or not callable(check):
        raise TypeError(f"{module.__name__} needs a constant POLICY of type Policy and a function check")
    return Rule(id=f"{group}/{slug}".replace("_", "-"), policy=policy, check=check)
