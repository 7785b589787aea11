# A host without libvirt runs the same pcipass: what needs libvirt is refused with that reason, the rest is done.
for library in /usr/lib/x86_64-linux-gnu/libvirt.so.0*; do mount --bind /dev/null "$library"; done
export LIBVIRT_DEFAULT_URI=qemu:///system  # otherwise a daemon's socket is looked for first
manifest <<'END'
apiVersion: pcipass/v1
kind: Host
metadata: {name: hv01}
spec:
  nics:
    - name: lan
      select: {address: "0000:03:00.0"}
      reserve: true
END
expect_exit 0 pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 vfio-pci
cat >>host.yaml <<'END'
---
apiVersion: pcipass/v1
kind: Guest
metadata: {name: winxp}
spec:
  host: hv01
  nics: [{name: net0, from: lan}]
END
expect_refused '[unavailable]' pcipass plan host.yaml
expect_refused 'libvirt.so.0 is not installed' pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 vfio-pci
