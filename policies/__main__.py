"""The CrossGuard pack, `pulumi preview --policy-pack policies`: see bedplate.engine.policy_pack."""

from datetime import date

from bedplate.engine.policy_pack import serve
from bedplate.policy.discover import rules

if __name__ == "__main__":
    serve(rules(), today=date.today())
