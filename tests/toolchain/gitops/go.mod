module bedplate.test/toolchain/gitops

go 1.26
