#ifndef CKERNEL_H
#define CKERNEL_H

#include <sys/types.h>

/// A process that does for its caller what can block in the kernel for ever, where not even SIGKILL ends it: it writes
/// into files, talks over netlink(7), reads files, and enters network namespaces for that. What it does is safe after
/// fork(2) in a program with threads. It ends with its caller, and as soon as its channel is closed: no other helper keeps
/// that open.
typedef struct {
  int process;
  int channel;
} ckernel_helper;

/// Bytes that path and text may have together.
#define CKERNEL_LONGEST 8192

/// Returns 0, or the errno that says why there is none. The process keeps the descriptor `kept` open, -1 is none: a
/// lock on it is held as long as a helper runs.
int ckernel_helper_start(ckernel_helper *_Nonnull helper, int kept);

/// Has a text written.
///
/// Returns 0 when the write ended (`*error` is 0 or its errno), 1 when it had not ended after that many
/// milliseconds, and -1 when the helper has died. After 1 and -1 the helper is of no use any more.
int ckernel_helper_write(ckernel_helper *_Nonnull helper, const char *_Nonnull path, const char *_Nonnull text,
                         int milliseconds, int *_Nonnull error);

/// A network namespace: the file that it is entered by, and the number of that (st_ino), which must be the same when it is
/// open. No path is the caller's own.
typedef struct {
  const char *_Nullable path;
  unsigned long long number;
} ckernel_namespace;

/// What a namespace is asked: a file of it where there is a path, or else the kernel by a netlink message.
typedef struct {
  ckernel_namespace at;
  const char *_Nullable file;
  int protocol;
  /// Whether attributes filter a dump, or are an error (NETLINK_GET_STRICT_CHK, Linux 4.20).
  int is_strict;
  const void *_Nullable message;
  unsigned length;
  /// Where in the message the descriptor of another namespace belongs; 0 is nowhere.
  unsigned other_offset;
  ckernel_namespace other;
} ckernel_question;

/// Sends a question. Returns 0, or an errno.
int ckernel_helper_ask(ckernel_helper *_Nonnull helper, const ckernel_question *_Nonnull question);

/// The most bytes that a piece of an answer has.
#define CKERNEL_LARGEST (1 << 20)

/// The next piece of the answer: a netlink datagram, or a part of the file. Its length is `*length`.
///
/// Returns 0 for a piece, 1 at the end (`*error` is 0 or an errno), 2 when there was none after that many milliseconds,
/// and -1 when the helper has died. After 2 and -1 the helper is of no use any more.
int ckernel_helper_next(ckernel_helper *_Nonnull helper, void *_Nullable piece, unsigned *_Nonnull length,
                        int milliseconds, int *_Nonnull error);

/// Lets the helper go, and waits until it has ended where it has nothing to do.
void ckernel_helper_stop(ckernel_helper *_Nonnull helper, int waits);

/// Takes a shared lock on one byte of an open file (fcntl(2), F_OFD_SETLK): it lasts as long as any process has this opening
/// of the file. Returns 0, or an errno.
int ckernel_mark(int file, off_t byte);

/// Whether another opening of the file has a lock on that byte.
int ckernel_is_marked(int file, off_t byte);

/// A descriptor of the process (pidfd_open(2), Linux 5.3), closed by execve(2); -1 where there is none.
int ckernel_process_open(int process);

/// Sends SIGKILL to the process of a descriptor. Returns 0, or an errno.
int ckernel_process_kill(int file);

/// Takes room on the disk for more of a file, which stays as long as it is. Returns 0, or an errno.
int ckernel_reserve(int file, off_t offset, off_t length);

#endif
