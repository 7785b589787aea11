# The NUMA nodes that guests are restricted to: by libvirt's XML, and by the cpuset of a QEMU process.
# The nodes are emulated by the kernel; both have the only CPU.
# limit: 600
# boot: numa
expect_same $'0 0\n1 0' bash -c "command pcipass snapshot | jq -r '.kernel.numaNodes[] | \"\\(.node) \\(.cpus)\"'"
nodes() { command pcipass snapshot host.yaml | jq -c ".$1[] | select(.name == \"$2\").numaNodes"; }

# A domain: the definition while it is off, the live XML while it runs.
host 'lan 0000:03:00.0' >host.yaml
libvirt-up
tuned() {  # prints the domain with its memory on these nodes
  local uuid=6ad9ee0a-8a3c-4a0c-9d64-0123456789ab
  domain vm answers |
    sed "s|<os>|<uuid>$uuid</uuid><numatune><memory mode='strict' nodeset='$1'/></numatune>&|"
}
memory() { virsh dumpxml "$@" vm | sed -n 's/^ *\(<memory mode.*\)/\1/p'; }
tuned 1 >vm.xml
virsh define vm.xml
expect_same '[1]' nodes libvirt vm
virsh start vm
tuned 0 >vm.xml
virsh define vm.xml
expect_same "<memory mode='strict' nodeset='1'/>" memory
expect_same "<memory mode='strict' nodeset='0'/>" memory --inactive
expect_same '[1]' nodes libvirt vm
virsh destroy vm
expect_same '[0]' nodes libvirt vm
tuned 0-1 >vm.xml
virsh define vm.xml
expect_same 'null' nodes libvirt vm
# libvirt prints a set in its own notation.
tuned '0-1,^0' >vm.xml
virsh define vm.xml
expect_same "<memory mode='strict' nodeset='1'/>" memory
expect_same '[1]' nodes libvirt vm

# A QEMU without libvirt.
{ host 'lan 0000:03:00.0'; guest vm 'qemu: {qmp: /tmp/vm.qmp}'; } >host.yaml
guest-up vm answers
expect_same 'null' nodes qemu /tmp/vm.qmp
mkdir /sys/fs/cgroup/pinned
echo +cpuset >/sys/fs/cgroup/cgroup.subtree_control
echo 1 >/sys/fs/cgroup/pinned/cpuset.mems
cat /tmp/vm.pid >/sys/fs/cgroup/pinned/cgroup.procs
expect_same 'Mems_allowed_list:	1' grep Mems_allowed_list "/proc/$(cat /tmp/vm.pid)/status"
expect_same '[1]' nodes qemu /tmp/vm.qmp
end_guest vm
rmdir /sys/fs/cgroup/pinned
