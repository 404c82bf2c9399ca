module bedplate.test/toolchain/karpenter

go 1.25.8

require github.com/aws/karpenter-provider-aws v1.14.1 // indirect
