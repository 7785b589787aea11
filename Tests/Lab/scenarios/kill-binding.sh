# pcipass is killed (SIGKILL) before and after each record of its journal, and before, during and after each write into
# the kernel: what was begun is known, everything else waits, and it goes back, or on, to where it would have come.
# limit: 400
manifest <<'END'
apiVersion: pcipass/v1
kind: Host
metadata: {name: hv01}
spec:
  nics:
    - name: lan
      select: {address: "0000:03:00.0"}
      reserve: true
    - name: wan
      select: {address: "0000:02:00.0"}
      reserve: true
END
modprobe vfio-pci
expect_exit 0 pcipass apply host.yaml --yes
expect_exit 0 pcipass rollback --yes
standing >before
# Undisturbed, and which calls it makes: those on the journal's file, and the requests to the process that writes.
strace -qq -y -s 200 -o calls -e trace=write,fsync,sendto,poll,recvfrom "$(type -P pcipass)" apply host.yaml --yes
standing >after
expect_exit 0 pcipass rollback --yes
expect_standing before
# points: a line for each, the call and which of its kind it is
points() {
  { local -; set +x; } 2>/dev/null
  awk -F '(' '
    { n[$1]++ }
    /pcipass\/journal\/[0-9]/ { print $1, n[$1] }
    /^sendto.*"\/sys\// { print $1, n[$1]; asked = 2 }
    /^(poll|recvfrom)/ && asked { print $1, n[$1]; asked-- }' calls
}
points | tee points | sed 's/^/    /'

# round WAY: killed at a point, and recovered
round() {
  { local -; set +x; } 2>/dev/null
  local number
  killed_at "$2" "$3" apply host.yaml --yes
  let_go
  number=$(last_journal)
  echo "killed at $2 $3: $(command pcipass history | sed -n 2p)"
  case $(command pcipass history --format json | jq -r '.runs[-1] | "\(.id) \(.end)"') in
    # As a file that nothing was written into: nothing was begun.
    "$number success") expect_standing after; command pcipass rollback --yes >output || fail "$(cat output)" ;;
    "$number null")
      expect_output "apply $number of" command pcipass plan host.yaml >output
      grep '\[interrupted\]' output
      expect_refused '[interrupted]' command pcipass apply host.yaml --yes >output
      expect_refused '[interrupted]' command pcipass rollback --yes >output
      if [ "$1" = back ]; then
        expect_exit 0 command pcipass recover --yes >output
        expect_end "$number" undone
      else
        expect_exit 0 command pcipass recover --forward --yes >output
        expect_end "$number" success
        expect_standing after
        expect_output 'No changes.' command pcipass plan host.yaml --detailed-exitcode >output
        command pcipass rollback --yes >output || fail "$(cat output)"
      fi ;;
    *) expect_text 2 'to change' command pcipass plan host.yaml --detailed-exitcode >output ;;
  esac
  expect_standing before
}
way=back
while read -r call number <&3; do
  round $way "$call" "$number"
  [ $way = back ] && way=forward || way=back
done 3<points
echo "${kills:-0} kills"
[ "$kills" -ge 20 ]
