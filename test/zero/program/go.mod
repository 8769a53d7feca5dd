module slipway.rig/zero

go 1.22
