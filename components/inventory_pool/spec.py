"""An entry of nodePools with `provisioner: inventory`: machines that are in the cluster already."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bedplate.model.spec import Spec
from bedplate.model.types import DnsLabel, DnsSubdomain, Form, Quantity
from components.node_fields import DevicePath, Labels, PoolName, PoolRole, SharingSpec, TaintSpec

NO_DRIVER = "none"
"""What `driver` says of nodes that carry none."""

NodeDriver = Annotated[str, Form(rf"[0-9]+(?:\.[0-9]+)*|{NO_DRIVER}", "a driver version, or none", "580.159.03")]
OsName = Annotated[str, Form(r"[a-z][a-z0-9-]*", "the ID of an os-release file", "ubuntu")]
OsVersion = Annotated[str, Form(r"[0-9]+(?:\.[0-9]+)*", "the VERSION_ID of an os-release file", '"24.04"')]
Kernel = Annotated[
    str, Form(r"[0-9]+\.[0-9]+[A-Za-z0-9._-]*[A-Za-z0-9]", "a release of the kernel", "6.8.0-86-generic", longest=63)
]


class OsSpec(Spec):
    """The operating system of machines: a driver that others install is made for just one kernel of it."""

    name: OsName = Field(description="ID in /etc/os-release.", examples=["ubuntu"])
    version: OsVersion = Field(description="VERSION_ID in /etc/os-release, quoted.", examples=["24.04"])
    kernel: Kernel = Field(description="What `uname -r` says.", examples=["6.8.0-86-generic"])


class ReservedSpec(Spec):
    """What a node keeps for its system and for Kubernetes."""

    cpu: Quantity = Field(description="CPU that pods do not get.", examples=["2"])
    memory: Quantity = Field(description="Memory that pods do not get.", examples=["16Gi"])


class InventoryPoolSpec(Spec):
    """Machines of one kind that somebody racked, installed and joined. Bedplate labels them and uses them."""

    name: PoolName
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
    driver: NodeDriver | None = Field(
        default=None,
        description="NVIDIA driver that the nodes carry together with NVIDIA's container toolkit; none where they "
        "carry neither and the GPU Operator installs both. Required of machines with GPUs.",
        examples=["580.159.03"],
    )
    os: OsSpec | None = Field(
        default=None,
        description="Operating system of the nodes. Required where driver is none; else it is only held against what "
        "the nodes say.",
    )
    labels: Labels = Field(default_factory=dict)
    taints: tuple[TaintSpec, ...] = Field(
        default=(),
        description="Taints that the nodes carry. They are stated and not set: the list of a node's taints belongs to "
        "whoever joins the node.",
    )
    reserved: ReservedSpec | None = Field(
        default=None,
        description="What the nodes keep from pods; absent: as much as Amazon's images keep of an equal machine.",
    )
    device_path: DevicePath = "devicePlugin"
    sharing: SharingSpec | None = Field(default=None, description="How GPUs are shared; whole GPUs where absent.")
