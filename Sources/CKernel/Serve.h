#ifndef CKERNEL_SERVE_H
#define CKERNEL_SERVE_H

#include <stddef.h>

#include "CKernel.h"

/// What goes over a helper's channel: a request with its parts, and the pieces of its answer.

enum { CKERNEL_WRITE, CKERNEL_READ, CKERNEL_TALK };

/// Two namespaces, a file, and a text or a message.
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

/// The child's life.
_Noreturn void ckernel_serve(int channel, int kept);

/// Takes so many bytes off the channel. Returns 0, 2 when they have not come within so many milliseconds (less than 0 is no
/// limit), and -1 when the other end is closed.
int ckernel_take(int channel, void *bytes, size_t length, int milliseconds);

/// Puts all of it into the channel. Returns 0, or -1 with errno.
int ckernel_put(int channel, const void *bytes, size_t length);

#endif
