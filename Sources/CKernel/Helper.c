#define _GNU_SOURCE
#include "CKernel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "Serve.h"

int ckernel_helper_start(ckernel_helper *helper, int kept) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return errno;
  pid_t child = fork();
  if (child == 0) ckernel_serve(ends[1], kept);
  int error = child < 0 ? errno : 0;
  close(ends[1]);
  if (error != 0) {
    close(ends[0]);
    return error;
  }
  helper->process = child;
  helper->channel = ends[0];
  return 0;
}

void ckernel_helper_stop(ckernel_helper *helper, int waits) {
  close(helper->channel);
  if (waits)
    while (waitpid(helper->process, NULL, 0) < 0 && errno == EINTR) {}
}

static int request(ckernel_helper *helper, const struct ckernel_request *head, const void *const *parts) {
  if (ckernel_put(helper->channel, head, sizeof *head) != 0) return errno;
  for (int part = 0; part < CKERNEL_PARTS; part++)
    if (head->lengths[part] > 0 && ckernel_put(helper->channel, parts[part], head->lengths[part]) != 0) return errno;
  return 0;
}

int ckernel_helper_next(ckernel_helper *helper, void *piece, unsigned *length, int milliseconds, int *error) {
  struct ckernel_piece head;
  int result = ckernel_take(helper->channel, &head, sizeof head, milliseconds);
  if (result != 0) return result;
  if (head.length > CKERNEL_LARGEST) return -1;
  *length = head.length;
  *error = head.error;
  if (head.is_last) return 1;
  return ckernel_take(helper->channel, piece, head.length, milliseconds);
}

int ckernel_helper_write(ckernel_helper *helper, const char *path, const char *text, int milliseconds, int *error) {
  size_t head = strlen(path) + 1, tail = strlen(text);
  if (head + tail + 1 > CKERNEL_LONGEST) {
    *error = ENAMETOOLONG;
    return 0;
  }
  struct ckernel_request asked = {.kind = CKERNEL_WRITE, .lengths = {0, 0, head, tail}};
  const void *parts[CKERNEL_PARTS] = {NULL, NULL, path, text};
  if (request(helper, &asked, parts) != 0) return -1;
  unsigned length;
  switch (ckernel_helper_next(helper, NULL, &length, milliseconds, error)) {
  case 1: return 0;
  case 2: return 1;
  default: return -1;
  }
}

/// The length of the text with its terminating zero; 0 for NULL.
static size_t length_of(const char *text) { return text == NULL ? 0 : strlen(text) + 1; }

int ckernel_helper_send(ckernel_helper *helper, const ckernel_query *question) {
  int is_file = question->file != NULL;
  size_t lengths[CKERNEL_PARTS] = {length_of(question->at.path), length_of(question->other.path),
                                   length_of(question->file), is_file ? 0 : question->length};
  struct ckernel_request asked = {
      .kind = is_file ? CKERNEL_READ : CKERNEL_TALK,
      .protocol = question->protocol,
      .is_strict = question->is_strict,
      .other_offset = question->other_offset,
      .numbers = {question->at.number, question->other.number},
  };
  for (int part = 0; part < CKERNEL_PARTS; part++) {
    if (lengths[part] > CKERNEL_LONGEST) return ENAMETOOLONG;
    asked.lengths[part] = lengths[part];
  }
  const void *parts[CKERNEL_PARTS] = {question->at.path, question->other.path, question->file, question->message};
  return request(helper, &asked, parts);
}
