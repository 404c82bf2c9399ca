"""Where GPU feature discovery puts what it finds: NodeFeatures of Node Feature Discovery's API. Data only."""

GROUP, VERSION, KIND, PLURAL = "nfd.k8s-sigs.io", "v1alpha1", "NodeFeature", "nodefeatures"
NODE_NAME = "nfd.node.kubernetes.io/node-name"
"""Label of a NodeFeature with the name of its node."""
