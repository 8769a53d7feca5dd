module slipway.rig/zero

go 1.21
