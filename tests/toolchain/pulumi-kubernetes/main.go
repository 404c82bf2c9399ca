// Command pulumi-resource-kubernetes is the Kubernetes resource plugin of Pulumi,
// built from the provider's Go module where its official release cannot be downloaded.
//
// The two JSON files come from the provider's module and are put next to this file
// in a temporary directory by the build; they are not part of this repository.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

//go:embed schema.json
var schema []byte

//go:embed terraform-mapping.json
var terraformMapping []byte

func main() {
	provider.Serve("kubernetes", version.Version, schema, terraformMapping)
}
