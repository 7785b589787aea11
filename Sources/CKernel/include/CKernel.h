#ifndef CKERNEL_H
#define CKERNEL_H

#include <sys/types.h>

/// A process that writes texts into files for its caller, because a write into sysfs can block for ever and not
/// even SIGKILL ends it. What it does is safe after fork(2) in a program with threads. It ends with its caller, and as
/// soon as its channel is closed: no other writer keeps that open.
typedef struct {
  int process;
  int channel;
} ckernel_writer;

/// Bytes that path and text may have together.
#define CKERNEL_LONGEST 8192

/// Returns 0, or the errno that says why there is none. The process keeps the descriptor `kept` open, -1 is none: a
/// lock on it is held as long as a writer runs.
int ckernel_writer_start(ckernel_writer *_Nonnull writer, int kept);

/// Has a text written.
///
/// Returns 0 when the write ended (`*error` is 0 or its errno), 1 when it had not ended after that many
/// milliseconds, and -1 when the writer has died. After 1 and -1 the writer is of no use any more.
int ckernel_writer_write(ckernel_writer *_Nonnull writer, const char *_Nonnull path, const char *_Nonnull text,
                         int milliseconds, int *_Nonnull error);

/// Lets the writer go, and waits until it has ended where it has nothing to do.
void ckernel_writer_stop(ckernel_writer *_Nonnull writer, int waits);

/// A pipe, the end to read from first, whose ends no program gets that is started at the same moment (pipe2(2),
/// O_CLOEXEC). Returns 0, or an errno.
int ckernel_pipe(int *_Nonnull ends);

/// Takes room on the disk for more of a file, which stays as long as it is. Returns 0, or an errno.
int ckernel_reserve(int file, off_t offset, off_t length);

/// The permanent hardware address of a network interface (ETHTOOL_GPERMADDR), six bytes. Returns 0, or an errno:
/// ENODATA where the driver knows none.
int ckernel_permanent_address(const char *_Nonnull interface, unsigned char *_Nonnull address);

#endif
