//go:build tools

// Package tools keeps the main packages of this module in go.mod.
package tools

import (
	_ "sigs.k8s.io/kwok/cmd/kwok"
)
