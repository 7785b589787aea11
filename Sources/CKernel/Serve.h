#ifndef CKERNEL_SERVE_H
#define CKERNEL_SERVE_H

#include <stddef.h>

#include "CKernel.h"

/// The messages on the channel of a helper: a request with its parts, and the pieces of its answer.

enum { CKERNEL_WRITE, CKERNEL_READ, CKERNEL_TALK };

/// The parts of a request: two namespaces, a file, and a text or a message.
enum { CKERNEL_PARTS = 4 };

struct ckernel_request {
  int kind;
  int protocol;
  int is_strict;
  unsigned other_offset;
  unsigned long long numbers[2];
  unsigned lengths[CKERNEL_PARTS];
};

struct ckernel_piece {
  int is_last;
  int error;
  unsigned length;
};

/// The main loop of the child.
_Noreturn void ckernel_serve(int channel, int kept);

/// Reads this many bytes from the channel. Returns 0, 2 if they have not arrived within this many milliseconds (a negative
/// number means no limit), and -1 if the other end is closed.
int ckernel_take(int channel, void *bytes, size_t length, int milliseconds);

/// Writes all bytes to the channel. Returns 0, or -1 with errno.
int ckernel_put(int channel, const void *bytes, size_t length);

#endif
