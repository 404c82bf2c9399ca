"""An entry of nodePools with `provisioner: inventory`: machines that are in the cluster already."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bedplate.model.spec import FrozenMap, Spec
from bedplate.model.types import DnsLabel, DnsSubdomain, DottedVersion, LabelKey, LabelValue, Quantity
from components.node_fields import PoolRole, SharingSpec, TaintSpec


class ReservedSpec(Spec):
    """What a node keeps for its system and for Kubernetes."""

    cpu: Quantity = Field(description="CPU that pods do not get.", examples=["2"])
    memory: Quantity = Field(description="Memory that pods do not get.", examples=["16Gi"])


class InventoryPoolSpec(Spec):
    """Machines of one kind that somebody racked, installed and joined. Bedplate labels them and uses them."""

    name: DnsLabel = Field(description="Name of the pool; models point at it.", examples=["h100"])
    provisioner: Literal["inventory"] = Field(description="Who makes the nodes: inventory takes those that are there.")
    role: PoolRole = Field(
        description="What runs here: system add-ons, general pods, model inference or training. "
        "Becomes the node label bedplate.dev/role."
    )
    server: DnsLabel = Field(
        description="Kind of machine: a row of the catalogue's servers.", examples=["nvidia-dgx-h100"]
    )
    nodes: tuple[DnsSubdomain, ...] = Field(
        default=(),
        description="Names of the nodes, as the cluster knows them. A site of several states its own, under nodes.",
        examples=[["gpu-01", "gpu-02"]],
    )
    driver: DottedVersion | None = Field(
        default=None,
        description="NVIDIA driver that the nodes carry; absent where they carry none.",
        examples=["580.159.03"],
    )
    labels: FrozenMap[LabelKey, LabelValue] = Field(
        default_factory=dict, description="Further node labels.", examples=[{"example.org/rack": "a"}]
    )
    taints: tuple[TaintSpec, ...] = Field(
        default=(),
        description="Taints that the nodes carry. They are stated and not set: the list of a node's taints belongs to "
        "whoever joins the node.",
    )
    reserved: ReservedSpec | None = Field(
        default=None,
        description="What the nodes keep from pods; absent: as much as Amazon's images keep of an equal machine.",
    )
    sharing: SharingSpec | None = Field(default=None, description="How GPUs are shared; whole GPUs where absent.")
