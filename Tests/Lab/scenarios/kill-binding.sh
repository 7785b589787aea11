# pcipass is killed (SIGKILL) before and after each journal record, and before, during and after
# each kernel write. The started step is known, other commands are refused, and recovery goes back
# or forward to the expected state.
# limit: 900
host 'lan 0000:03:00.0, reserve: true' 'wan 0000:02:00.0, reserve: true' >host.yaml
modprobe vfio-pci
expect_exit 0 pcipass apply host.yaml --yes
expect_exit 0 pcipass rollback --yes
standing >before
# An undisturbed apply, and its system calls.
traced calls apply host.yaml --yes
standing >after
expect_exit 0 pcipass rollback --yes
expect_standing before
# Every second point: the simulated host is killed at each one, also between the writes.
points calls | sed -n '1~2p' | tee points | sed 's/^/    /'

way=back
while read -r call number <&3; do
  recovered $way "$call" "$number"
  [ $way = back ] && way=forward || way=back
done 3<points

# Killed during an undo, after a request to stop after the first step.
for point in 'write 4' 'fsync 4' 'write 5' 'fsync 5' 'write 6' 'write 7'; do
  read -r call number <<<"$point"
  journal=$(($(last_journal) + 1))
  strace -qq -o trace -P "/var/lib/pcipass/journal/$journal" -e trace=write,fsync \
    -e inject=fsync:signal=TERM:when=3 -e "inject=$call:signal=KILL:when=$number" \
    "$(type -P pcipass)" apply host.yaml --yes >output 2>&1 && fail 'the apply was not stopped'
  let_go
  kills=$((${kills:-0} + 1))
  expect_end "$journal" interrupted
  command pcipass history | sed -n 2p
  expect_exit 0 command pcipass recover --$way --yes >output
  if [ $way = back ]; then
    expect_standing before
    way=forward
  else
    expect_standing after
    expect_exit 0 command pcipass rollback --yes >output
    way=back
  fi
done

# The recovery itself is killed at each of its records, and repeated until it succeeds.
for way in back forward; do
  killed_at "write:/var/lib/pcipass/journal/$(($(last_journal) + 1))" 3 apply host.yaml --yes
  for number in 1 2 3 4; do
    let_go
    killed_at "write:/var/lib/pcipass/journal/$(last_journal)" $number recover --$way --yes
    let_go
    expect_end "$(last_journal)" interrupted
    expect_refused '[interrupted]' command pcipass apply host.yaml --yes >output
  done
  let_go
  expect_exit 0 command pcipass recover --$way --yes
  if [ $way = back ]; then expect_standing before; else expect_standing after; fi
done
expect_exit 0 command pcipass rollback --yes
expect_standing before
echo "$kills kills"
[ "$kills" -ge 30 ]
