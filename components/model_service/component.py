"""One running model: its rights, its callers, its InferenceService and its route."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
from pulumi_kubernetes.apiextensions import CustomResource

from components.base import (
    MODEL_LABEL,
    NamespaceHandle,
    NodePoolHandle,
    Place,
    PlatformComponent,
    ServingHandle,
    StoreHandle,
    object_labels,
    safe_name,
)
from components.iam import pod_identity_trust_policy
from components.model_service.container import resolve_container
from components.model_service.objects import (
    Claim,
    autoscaler_class,
    claim_of,
    device_resource,
    inference_service_spec,
    route_spec,
)
from components.model_service.spec import ModelRelease, ModelServiceSpec
from components.model_service.weights import read_policy, storage_uri
from components.security import managed_role

# A first start may wait for a node, an image of many gigabytes, the weights and the compilation of kernels.
_START_TIMEOUTS = pulumi.CustomTimeouts(create="45m", update="45m")


class ModelService(PlatformComponent):
    """A release, served by one InferenceService in its team's namespace."""

    def __init__(
        self,
        name: str,
        spec: ModelServiceSpec,
        *,
        release: ModelRelease,
        team: NamespaceHandle,
        pool: NodePoolHandle,
        serving: ServingHandle,
        store: StoreHandle | None,
        cluster_name: str,
        cluster_address: pulumi.Input[str] | None = None,
        account: str,
        region: str,
        after: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`store` holds the weights; without one they come from the release's source.

        `cluster_address` is the cluster's name as its own output, where this stack makes it: what is attached to the
        cluster is replaced with it.
        `after` is what pods need besides the handles: the device plugin, and the guardrails of the namespace.
        """
        super().__init__(name, Place("models", f"models[{spec.name}]", spec.team), opts)
        self._name = name
        self._spec = spec
        self._release = release
        self._team = team
        identity = self._create_service_account()
        needs: list[pulumi.Resource] = [identity, self._create_network_policy(serving)]
        if store is not None:
            address = cluster_name if cluster_address is None else cluster_address
            needs += self._create_store_access(
                store, pool, cluster=cluster_name, address=address, account=account, region=region
            )
        claim = claim_of(spec, release, pool)
        if claim is not None:
            needs.append(self._create_claim_template(claim, after))
        self._create_inference_service(
            serving, pool, store, claim=claim, needs=[*needs, *team.ready, *serving.ready, *pool.ready, *after]
        )
        if spec.exposure == "gateway":
            self._create_route(serving)
        self.register_outputs({"release": spec.release})

    def _create_service_account(self) -> k8s.core.v1.ServiceAccount:
        """An identity of its own, which says nothing to the API server."""
        return k8s.core.v1.ServiceAccount(
            f"{self._name}-account",
            metadata=self._metadata(self._spec.name),
            automount_service_account_token=False,
            opts=self.child(depends_on=self._team.ready),
        )

    def _create_network_policy(self, serving: ServingHandle) -> k8s.networking.v1.NetworkPolicy:
        """Lets the service's callers in. Without any, it stays closed."""
        namespaces = {consumer.namespace for consumer in self._spec.consumers}
        if self._spec.exposure == "gateway":
            namespaces.add(serving.gateway_namespace)
        admitted = k8s.networking.v1.NetworkPolicyIngressRuleArgs(
            from_=[_pods_of(namespace) for namespace in sorted(namespaces)],
            ports=[k8s.networking.v1.NetworkPolicyPortArgs(port=serving.port, protocol="TCP")],
        )
        return k8s.networking.v1.NetworkPolicy(
            f"{self._name}-callers",
            metadata=self._metadata(f"{self._spec.name}-callers"),
            spec=k8s.networking.v1.NetworkPolicySpecArgs(
                pod_selector=k8s.meta.v1.LabelSelectorArgs(
                    match_labels={"serving.kserve.io/inferenceservice": self._spec.name}
                ),
                policy_types=["Ingress"],
                # A rule with an empty list of peers would admit everybody.
                ingress=[admitted] if namespaces else None,
            ),
            opts=self.child(depends_on=self._team.ready),
        )

    def _create_store_access(
        self,
        store: StoreHandle,
        pool: NodePoolHandle,
        *,
        cluster: str,
        address: pulumi.Input[str],
        account: str,
        region: str,
    ) -> list[pulumi.Resource]:
        """A role that reads this release in `store`, given to the service account by EKS Pod Identity."""
        role_name = safe_name("iamRole", cluster, "model", self._spec.team, self._spec.name)
        trust = pod_identity_trust_policy(cluster=cluster, namespace=self._team.name, service_account=self._spec.name)
        role = managed_role(self, f"{self._name}-role", name=role_name, account=account, trust=trust, policies=())
        policy = aws.iam.RolePolicy(
            f"{self._name}-read-weights",
            aws.iam.RolePolicyArgs(
                name="read-weights",
                role=role_name,
                policy=read_policy(self._release, store, account=account, region=region),
            ),
            opts=self.child(depends_on=role.ready),
        )
        association = aws.eks.PodIdentityAssociation(
            f"{self._name}-identity",
            aws.eks.PodIdentityAssociationArgs(
                cluster_name=address,
                namespace=self._team.name,
                service_account=self._spec.name,
                role_arn=role.arn,
            ),
            opts=self.child(depends_on=[*pool.ready, *role.ready]),
        )
        return [policy, association, *store.ready]

    def _create_inference_service(
        self,
        serving: ServingHandle,
        pool: NodePoolHandle,
        store: StoreHandle | None,
        *,
        claim: Claim | None,
        needs: Sequence[pulumi.Resource],
    ) -> CustomResource:
        source = self._release.source.hugging_face
        annotations = {
            "bedplate.dev/licence": self._release.licence,
            "bedplate.dev/release": self._spec.release,
            "bedplate.dev/source": f"{source.repository}@{source.revision}",
            "pulumi.com/waitFor": "condition=Ready",
            "serving.kserve.io/autoscalerClass": autoscaler_class(self._spec.scale),
            "serving.kserve.io/deploymentMode": "Standard",
        }
        return CustomResource(
            f"{self._name}-service",
            api_version="serving.kserve.io/v1beta1",
            kind="InferenceService",
            metadata=self._metadata(self._spec.name, annotations),
            spec=inference_service_spec(
                self._spec,
                resolve_container(self._release, device_resource(self._spec, pool)),
                runtime=serving.runtime,
                pool=pool,
                account=self._spec.name,
                storage_uri=storage_uri(self._release, store),
                claim=claim,
            ),
            opts=self.child(depends_on=needs, custom_timeouts=_START_TIMEOUTS),
        )

    def _create_claim_template(self, claim: Claim, after: Sequence[pulumi.Resource]) -> CustomResource:
        return CustomResource(
            f"{self._name}-claim-{claim.device_class}-{claim.count}",
            api_version="resource.k8s.io/v1",
            kind="ResourceClaimTemplate",
            metadata=self._metadata(claim.template),
            spec=claim.spec,
            opts=self.child(depends_on=[*self._team.ready, *after]),
        )

    def _create_route(self, serving: ServingHandle) -> CustomResource:
        return CustomResource(
            f"{self._name}-route",
            api_version="gateway.networking.k8s.io/v1",
            kind="HTTPRoute",
            metadata=self._metadata(self._spec.name),
            spec=route_spec(self._spec, serving),
            opts=self.child(depends_on=[*self._team.ready, *serving.ready]),
        )

    def _metadata(self, name: str, annotations: dict[str, str] | None = None) -> k8s.meta.v1.ObjectMetaArgs:
        model = safe_name("kubernetesLabelValue", self._release.name)
        labels = object_labels("model-service", team=self._spec.team, extra={MODEL_LABEL: model})
        return k8s.meta.v1.ObjectMetaArgs(name=name, namespace=self._team.name, labels=labels, annotations=annotations)


def _pods_of(namespace: str) -> k8s.networking.v1.NetworkPolicyPeerArgs:
    return k8s.networking.v1.NetworkPolicyPeerArgs(
        namespace_selector=k8s.meta.v1.LabelSelectorArgs(match_labels={"kubernetes.io/metadata.name": namespace})
    )
