# A NIC is refused where the card at its address is not the one that the manifest expects.
host 'lan 0000:03:00.0, expect: {id: "8086:1521"}, reserve: true' >host.yaml
expect_refused '[expect]' pcipass plan host.yaml
expect_refused 8086:10c9 pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 igb
