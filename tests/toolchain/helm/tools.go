//go:build tools

// Package tools keeps the main packages of this module in go.mod.
package tools

import (
	_ "helm.sh/helm/v3/cmd/helm"
)
