# `graph` draws passthrough that was set up by hand as sysfs, lspci and virsh show it, and marks the
# changes of a plan.
# limit: 600
libvirt-up
domain winxp answers 3 >winxp.xml
virsh define winxp.xml
virsh start winxp
domain web answers 1 >web.xml
virsh define web.xml

hostdev() {
  { local -; set +x; } 2>/dev/null
  local domain bus slot function
  IFS=:. read -r domain bus slot function <<<"$1"
  cat <<END
<hostdev mode='subsystem' type='pci' managed='no'>
  <source><address domain='0x$domain' bus='0x$bus' slot='0x$slot' function='0x$function'/></source>
</hostdev>
END
}

# drawn FILE: prints the functions and what each is behind, from DOT; ids are addresses with other
# separators
drawn() {
  { local -; set +x; } 2>/dev/null
  awk '
    function address(id) { split(id, p, "_"); return p[2] ":" p[3] ":" p[4] "." p[5] }
    $1 ~ /^f_/ && $2 == "->" && $3 ~ /^f_/ { print address($3), "behind", address($1) }
    $1 ~ /^f_/ && $2 ~ /^\[label=/ { print address($1) }' "$1" | sort
}

# had FILE: prints the functions and their guests, from DOT
had() {
  { local -; set +x; } 2>/dev/null
  awk '
    function address(id) { split(id, p, "_"); return p[2] ":" p[3] ":" p[4] "." p[5] }
    $1 ~ /^g[0-9]/ && $2 ~ /^\[label=/ { name = $2; sub(/^\[label="/, "", name); sub(/\\n.*/, "", name); guest[$1] = name }
    $1 ~ /^f_/ && $2 == "->" && $3 ~ /^g/ { print address($1), guest[$3] }' "$1" | sort
}

# real: prints the same from sysfs only: each NIC, the bridges that lead to it, the PF of each VF
real() {
  { local -; set +x; } 2>/dev/null
  local device class path parts part before
  for device in /sys/bus/pci/devices/*; do
    read -r class <"$device/class"
    [[ $class = 0x02* ]] || continue
    path=$(readlink -f "$device")
    if [ -e "$device/physfn" ]; then
      printf '%s\n' "${path##*/}" "${path##*/} behind $(basename "$(readlink "$device/physfn")")"
      continue
    fi
    before=
    IFS=/ read -r -a parts <<<"${path#/sys/devices/pci*/}"
    for part in "${parts[@]}"; do
      echo "$part"
      [ -z "$before" ] || echo "$part behind $before"
      before=$part
    done
  done | sort -u
}

# domains: prints the same from virsh: the devices of each domain, defined or live
domains() {
  { local -; set +x; } 2>/dev/null
  local domain
  for domain in $(virsh list --all --name); do
    { defined "$domain"; runs "$domain"; } | awk -v domain="$domain" '{ print $1, domain }'
  done | sort -u
}

compare() {
  pcipass graph --format dot >graph.dot
  expect_same "$(real)" drawn graph.dot
  expect_same "$(domains)" had graph.dot
}

compare
[ "$(drawn graph.dot | grep -c behind)" = 4 ]
expect_same '' had graph.dot

# Set up by hand: two VFs, one of them in the running guest only; a port in the definition of the
# other guest.
echo 2 >/sys/bus/pci/devices/0000:03:00.0/sriov_numvfs
bind_by_hand 0000:03:10.0 vfio-pci
hostdev 0000:03:10.0 >vf.xml
virsh attach-device winxp vf.xml --live
hostdev 0000:02:00.0 >port.xml
virsh attach-device web port.xml --config
compare
expect_same "0000:02:00.0 web
0000:03:10.0 winxp" had graph.dot
[ "$(drawn graph.dot | grep -c 'behind 0000:03:00.0')" = 2 ]
pcipass graph | tee graph.txt
grep '→ winxp  running · not by pcipass, not in its definition$' graph.txt
grep '→ web  shut off · not by pcipass$' graph.txt
grep '0000:03:10.0  VF 0 · vfio-pci$' graph.txt
grep '0000:03:10.2  VF 1 · no driver$' graph.txt
grep '0000:03:00.0 .* · 2 of 7 VFs$' graph.txt

# The path to a NIC that lspci prints.
for nic in 0000:01:00.1 0000:02:00.0 0000:03:00.0; do
  port=$(drawn graph.dot | awk -v nic=$nic '$1 == nic && NF == 3 { print $3 }')
  expect_output "$port/${nic#0000:}" lspci -PP -D -s "$nic"
done

# A plan: additions and changes are marked, and after the apply the host is as it was drawn.
{
  host 'wan 0000:02:00.0' 'pool 0000:03:00.0, virtualFunctions: {count: 2}'
  guest winxp 'dmz pool/1'
  guest web 'wan wan'
} >host.yaml
pcipass graph host.yaml --changes | tee planned
grep -E '^  \+ .*→ winxp  running · dmz$' planned
grep -E '^  ~ .*0000:02:00\.0 wan .*igb → vfio-pci$' planned
grep -E '^  ~ .*→ web  shut off · wan$' planned
pcipass graph host.yaml --format svg | grep -qE 'class="[a-z ]+ changed"'
expect_exit 0 pcipass apply host.yaml --yes
compare
expect_same '0000:03:10.0 hostdev0
0000:03:10.2 ua-pcipass-dmz' in_qemu winxp
expect_same "0000:02:00.0 web
0000:03:10.0 winxp
0000:03:10.2 winxp" had graph.dot
expect_output 'No changes.' pcipass graph host.yaml --changes
