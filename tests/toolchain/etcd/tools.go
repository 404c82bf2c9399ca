//go:build tools

// Package tools keeps the main packages of this module in go.mod.
package tools

import (
	_ "go.etcd.io/etcd/server/v3"
)
