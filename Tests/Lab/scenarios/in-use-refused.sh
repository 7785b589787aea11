# A NIC that a running guest holds is refused.
host 'lan 0000:03:00.0, reserve: true' >host.yaml
expect_exit 0 pcipass apply host.yaml --yes
guest-up vm answers -device vfio-pci,host=0000:03:00.0,id=nic0,bus=port1

host 'lan 0000:03:00.0' >host.yaml
expect_refused '[in-use]' pcipass plan host.yaml
expect_refused '[in-use]' pcipass apply host.yaml --yes
sleep 2
expect_driver 0000:03:00.0 vfio-pci
guest_has vm nic0

# A NIC that a process has open through an InfiniBand device is in use, although it is on its native
# driver. Here it is software RoCE; DPDK opens an mlx5 port in this way.
other=0000:02:00.0
host "lan $other, reserve: true" >roce.yaml
modprobe -a rdma_rxe ib_uverbs
rdma link add rxe0 type rxe netdev "$(interface $other)"
wait_for 10 test -e /dev/infiniband/uverbs0
expect_output "$other  igb → " pcipass plan roce.yaml
sleep 600 8<>/dev/infiniband/uverbs0 &
holder=$!
wait_for 10 test "$(readlink /proc/$holder/fd/8)" = /dev/infiniband/uverbs0
expect_refused "process $holder (sleep) has /dev/infiniband/uverbs0 open" pcipass plan roce.yaml
expect_refused '[in-use]' pcipass apply roce.yaml --yes
expect_driver $other igb
kill $holder
rdma link delete rxe0
