#define _GNU_SOURCE
#include "CKernel.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

// Both system calls have these numbers on every architecture.
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

int ckernel_process_open(int process) { return (int)syscall(SYS_pidfd_open, process, 0); }

int ckernel_process_kill(int file) {
  return syscall(SYS_pidfd_send_signal, file, SIGKILL, NULL, 0) == 0 ? 0 : errno;
}
