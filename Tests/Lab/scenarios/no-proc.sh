# Without /proc pcipass cannot read its arguments: each command line is an error, and none changes
# the host.
host 'lan 0000:03:00.0, reserve: true' >host.yaml
# Without a twin: it would have no arguments either.
# shellcheck disable=SC2016 # sh expands it
without_proc() { unshare --mount sh -c 'umount -l /proc; exec "$0" "$@"' "$(type -P pcipass)" "$@"; }
for arguments in '' --version --help help 'plan host.yaml' 'apply host.yaml --yes' 'rollback --yes' schema status; do
  # shellcheck disable=SC2086 # several words
  expect_refused '/proc' without_proc $arguments
done
expect_driver 0000:03:00.0 igb
