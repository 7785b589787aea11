# A selector that finds no NIC is an error, not an empty plan.
host 'lan 90:e2:ba:00:00:01, reserve: true' >host.yaml
expect_refused '[select]' pcipass plan host.yaml
expect_refused '[select]' pcipass apply host.yaml --yes
expect_driver 0000:02:00.0 igb
expect_driver 0000:03:00.0 igb
