//go:build tools

// Package tools keeps the main packages of this module in go.mod.
package tools

import (
	_ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
)
