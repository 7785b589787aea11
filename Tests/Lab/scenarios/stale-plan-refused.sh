# A saved plan is not applied to a host that has changed since.
host 'lan 0000:03:00.0, reserve: true' >host.yaml
expect_exit 0 pcipass plan host.yaml --out plan.json
bind_by_hand 0000:03:00.0 pci-stub
expect_refused '[stale]' pcipass apply plan.json --yes
expect_driver 0000:03:00.0 pci-stub
