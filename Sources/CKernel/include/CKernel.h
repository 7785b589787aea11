#ifndef CKERNEL_H
#define CKERNEL_H

#include <sys/types.h>

/// A process for system calls that can block in the kernel forever, where even SIGKILL does not end them. It writes and
/// reads files and sends netlink(7) messages, in other network namespaces too. It calls only functions that are safe after
/// fork(2) in a program with threads. It exits with its caller, and when its channel is closed; no other helper keeps the
/// channel open.
typedef struct {
  int process;
  int channel;
} ckernel_helper;

/// The limit in bytes for path and text together.
#define CKERNEL_LONGEST 8192

/// Starts a helper. Returns 0 or an errno. The process keeps the descriptor `kept` open (-1 for
/// none), so that a lock on it is held while a helper runs.
int ckernel_helper_start(ckernel_helper *_Nonnull helper, int kept);

/// Writes a text to a file.
///
/// Returns 0 if the write finished (`*error` is 0 or its errno), 1 if it did not finish within this many milliseconds, and
/// -1 if the helper died. After 1 and -1 the helper cannot be used again.
int ckernel_helper_write(ckernel_helper *_Nonnull helper, const char *_Nonnull path, const char *_Nonnull text,
                         int milliseconds, int *_Nonnull error);

/// A network namespace: the file by which a helper enters it, and its inode number (st_ino), which
/// must be the same after the open. Without a path it is the namespace of the caller.
typedef struct {
  const char *_Nullable path;
  unsigned long long number;
} ckernel_namespace;

/// A read request in a namespace: the file at the path or, without a path, a netlink message to the
/// kernel.
typedef struct {
  ckernel_namespace at;
  const char *_Nullable file;
  int protocol;
  /// Whether the kernel checks the attributes of a dump request and filters by them (NETLINK_GET_STRICT_CHK, Linux 4.20).
  int is_strict;
  const void *_Nullable message;
  unsigned length;
  /// The offset in the message for the descriptor of another namespace; 0 means none.
  unsigned other_offset;
  ckernel_namespace other;
} ckernel_query;

/// Sends a read request. Returns 0, or an errno.
int ckernel_helper_send(ckernel_helper *_Nonnull helper, const ckernel_query *_Nonnull question);

/// The largest size of a piece of an answer, in bytes.
#define CKERNEL_LARGEST (1 << 20)

/// Reads the next piece of the answer: a netlink datagram or a part of the file, of `*length` bytes.
///
/// Returns 0 for a piece, 1 at the end (`*error` is 0 or an errno), 2 if none arrived within this many milliseconds,
/// and -1 if the helper died. After 2 and -1 the helper cannot be used again.
int ckernel_helper_next(ckernel_helper *_Nonnull helper, void *_Nullable piece, unsigned *_Nonnull length,
                        int milliseconds, int *_Nonnull error);

/// Closes the channel of the helper, and waits for its exit if it is idle.
void ckernel_helper_stop(ckernel_helper *_Nonnull helper, int waits);

/// Takes a shared lock on one byte of an open file (fcntl(2), F_OFD_SETLK): it lasts as long as any process keeps this open
/// file description. Returns 0, or an errno.
int ckernel_mark(int file, off_t byte);

/// Whether another open file description has a lock on this byte.
int ckernel_is_marked(int file, off_t byte);

/// Returns a descriptor of the process (pidfd_open(2), Linux 5.3), which execve(2) closes, or -1 on
/// failure.
int ckernel_process_open(int process);

/// Sends SIGKILL to the process of a descriptor. Returns 0, or an errno.
int ckernel_process_kill(int file);

/// Reserves disk space beyond the end of a file, whose size does not change. Returns 0 or an errno.
int ckernel_reserve(int file, off_t offset, off_t length);

#endif
