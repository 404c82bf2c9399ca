"""The CrossGuard pack, `pulumi preview --policy-pack policies`: see bedplate.engine.policy_pack."""

from datetime import date

from bedplate.engine.policy_pack import serve
from bedplate.policy.own import rules_for

if __name__ == "__main__":
    serve(rules_for, today=date.today())
