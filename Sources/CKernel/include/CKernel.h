#ifndef CKERNEL_H
#define CKERNEL_H

/// Writes a text into a file from a process of its own, because a write into sysfs can block for ever and
/// not even SIGKILL ends it. What is done between fork and exit is safe in a program with threads.
///
/// Returns 0 when the write ended (`*error` is 0 or its errno), 1 when it had not ended after that many
/// milliseconds (its process is left behind), and -1 when no process could be made (`*error` says why).
int ckernel_write(const char *_Nonnull path, const char *_Nonnull text, int milliseconds,
                  int *_Nonnull error);

#endif
