#define _GNU_SOURCE
#include "CKernel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/// In the child. A write that never ends must not keep the caller's terminal or pipes open.
static void close_all_but(int keep) {
#ifdef SYS_close_range
  if ((keep == 0 || syscall(SYS_close_range, 0, keep - 1, 0) == 0) &&
      syscall(SYS_close_range, keep + 1, ~0U, 0) == 0)
    return;
#endif
  for (int fd = 0; fd < 4096; fd++)
    if (fd != keep) close(fd);
}

static void write_and_report(const char *path, const char *text, int report) {
  setsid();
  close_all_but(report);
  int error = 0;
  size_t length = strlen(text);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) {
    error = errno;
  } else {
    ssize_t written = write(fd, text, length);
    if (written < 0) error = errno;
    else if ((size_t)written != length) error = EIO;
  }
  ssize_t ignored = write(report, &error, sizeof error);
  (void)ignored;
  _exit(0);
}

int ckernel_write(const char *path, const char *text, int milliseconds, int *error) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    *error = errno;
    return -1;
  }
  pid_t child = fork();
  if (child < 0) {
    *error = errno;
    close(ends[0]);
    close(ends[1]);
    return -1;
  }
  if (child == 0) write_and_report(path, text, ends[1]);
  close(ends[1]);
  long long deadline = now_ms() + milliseconds;
  struct pollfd waiting = {.fd = ends[0], .events = POLLIN};
  int ready;
  do {
    long long left = deadline - now_ms();
    ready = poll(&waiting, 1, left > 0 ? (int)left : 0);
  } while (ready < 0 && errno == EINTR);
  int result = 1;
  if (ready > 0) {
    int reported;
    ssize_t got;
    do got = read(ends[0], &reported, sizeof reported);
    while (got < 0 && errno == EINTR);
    // A child that was killed reports nothing.
    *error = got == (ssize_t)sizeof reported ? reported : EINTR;
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
    result = 0;
  }
  close(ends[0]);
  return result;
}
