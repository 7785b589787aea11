#define _GNU_SOURCE
#include "Serve.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

// Another thread of the caller may have held any lock at the time of fork(2). Therefore the code
// below calls only async-signal-safe functions (signal-safety(7)) and system calls.

int ckernel_put(int channel, const void *bytes, size_t length) {
  const char *next = bytes;
  while (length > 0) {
    ssize_t sent = send(channel, next, length, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return -1;
    next += sent;
    length -= sent;
  }
  return 0;
}

static long long now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

int ckernel_take(int channel, void *bytes, size_t length, int milliseconds) {
  char *next = bytes;
  long long deadline = now_ms() + milliseconds;
  while (length > 0) {
    if (milliseconds >= 0) {
      struct pollfd waiting = {.fd = channel, .events = POLLIN};
      long long left = deadline - now_ms();
      int ready = poll(&waiting, 1, left > 0 ? (int)left : 0);
      if (ready < 0 && errno == EINTR) continue;
      if (ready <= 0) return 2;
    }
    ssize_t got = recv(channel, next, length, 0);
    if (got < 0 && errno == EINTR) continue;
    // A child that was killed reports nothing more.
    if (got <= 0) return -1;
    next += got;
    length -= got;
  }
  return 0;
}

static void close_from(int first, int last) {
  if (first > last) return;
#ifdef SYS_close_range
  if (syscall(SYS_close_range, first, last, 0) == 0) return;
#endif
  for (int fd = first; fd <= last && fd < 4096; fd++) close(fd);
}

/// Closes all inherited descriptors except two. A child that blocks forever must not keep the
/// terminal or pipes of the caller open, nor the channel of another helper: that helper would not
/// detect that its caller has exited.
static void close_all_but(int one, int other) {
  int low = one < other ? one : other, high = one < other ? other : one;
  close_from(0, low - 1);
  close_from(low + 1, high - 1);
  close_from(high + 1, INT_MAX);
}

/// Sends one piece. The child exits if its caller has exited.
static void say(int channel, int is_last, int error, const void *piece, unsigned length) {
  struct ckernel_piece head = {.is_last = is_last, .error = error, .length = length};
  if (ckernel_put(channel, &head, sizeof head) != 0) _exit(0);
  if (length > 0 && ckernel_put(channel, piece, length) != 0) _exit(0);
}

static int write_file(const char *path, const char *text, size_t length) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  ssize_t written = write(fd, text, length);
  int error = written < 0 ? errno : (size_t)written != length ? EIO : 0;
  close(fd);
  return error;
}

/// NSFS_MAGIC, `linux/magic.h`.
static const long namespace_files = 0x6e736673;

/// Opens a namespace and checks that it is the expected one: the process id may have been reused, and the owner of a mount
/// namespace can replace the file with a link to anything. The check uses O_PATH, because opening a device can have side
/// effects.
static int open_namespace(const char *path, unsigned long long number, int *fd) {
  int place = open(path, O_PATH | O_CLOEXEC);
  if (place < 0) return errno;
  struct stat status;
  struct statfs files;
  int error = fstat(place, &status) != 0 || fstatfs(place, &files) != 0 ? errno : 0;
  if (error == 0 && (files.f_type != namespace_files || status.st_ino != number)) error = ESTALE;
  if (error == 0) {
    char name[32] = "/proc/self/fd/", digits[12];
    int count = 0, length = strlen(name);
    for (int rest = place; count == 0 || rest > 0; rest /= 10) digits[count++] = '0' + rest % 10;
    while (count > 0) name[length++] = digits[--count];
    *fd = open(name, O_RDONLY | O_CLOEXEC);
    if (*fd < 0) error = errno;
  }
  close(place);
  return error;
}

static _Alignas(struct nlmsghdr) char piece[CKERNEL_LARGEST];

static int read_file(int channel, const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return errno;
  for (;;) {
    ssize_t got = read(fd, piece, 64 << 10);
    if (got < 0 && errno == EINTR) continue;
    int error = got < 0 ? errno : 0;
    if (got <= 0) {
      close(fd);
      return error;
    }
    say(channel, 0, 0, piece, got);
  }
}

/// Whether a datagram is the last one of an answer.
static int is_end(ssize_t length) {
  for (ssize_t at = 0; at + (ssize_t)sizeof(struct nlmsghdr) <= length;) {
    const struct nlmsghdr *head = (const void *)(piece + at);
    if (head->nlmsg_type == NLMSG_DONE || head->nlmsg_type == NLMSG_ERROR || !(head->nlmsg_flags & NLM_F_MULTI)) return 1;
    if (head->nlmsg_len < sizeof *head) return 1;
    at += NLMSG_ALIGN(head->nlmsg_len);
  }
  return 0;
}

static int exchange(int channel, int fd, const void *message, size_t length) {
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  ssize_t sent;
  do sent = sendto(fd, message, length, 0, (const struct sockaddr *)&kernel, sizeof kernel);
  while (sent < 0 && errno == EINTR);
  if (sent < 0) return errno;
  for (;;) {
    struct sockaddr_nl from = {0};
    socklen_t size = sizeof from;
    ssize_t got = recvfrom(fd, piece, sizeof piece, MSG_TRUNC, (struct sockaddr *)&from, &size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    // Other processes can also send to this socket.
    if (from.nl_pid != 0) continue;
    if ((size_t)got > sizeof piece) return EMSGSIZE;
    if (got == 0) return EIO;
    int end = is_end(got);
    say(channel, 0, 0, piece, got);
    if (end) return 0;
  }
}

static int talk(int channel, const struct ckernel_request *request, const char *message) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, request->protocol), on = 1;
  if (fd < 0) return errno;
  // Requests the text of an error, which Linux 4.12 and later can send.
  (void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  (void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  int error = 0;
  if (request->is_strict && setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on) != 0) error = errno;
  if (error == 0) error = exchange(channel, fd, message, request->lengths[3]);
  close(fd);
  return error;
}

static int answer(int channel, const struct ckernel_request *request, const char *file, char *message) {
  return request->kind == CKERNEL_READ ? read_file(channel, file) : talk(channel, request, message);
}

/// Answers with the descriptor of the other namespace in the message.
static int answer_about(int channel, const struct ckernel_request *request, const char *other, const char *file,
                        char *message) {
  if (request->lengths[1] == 0) return answer(channel, request, file, message);
  int fd;
  int error = open_namespace(other, request->numbers[1], &fd);
  if (error != 0) return error;
  if (request->other_offset + sizeof fd <= request->lengths[3]) memcpy(message + request->other_offset, &fd, sizeof fd);
  error = answer(channel, request, file, message);
  close(fd);
  return error;
}

/// Answers in the requested namespace. A child that cannot return from that namespace exits, so
/// that it never answers in the wrong one.
static int answer_in(int channel, const struct ckernel_request *request, const char *at, const char *other,
                     const char *file, char *message) {
  if (request->lengths[0] == 0) return answer_about(channel, request, other, file, message);
  static int home = -1;
  if (home < 0) home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  if (home < 0) return errno;
  int fd;
  int error = open_namespace(at, request->numbers[0], &fd);
  if (error != 0) return error;
  // The path of the other namespace is valid in the namespace of the caller, and is opened there.
  error = setns(fd, CLONE_NEWNET) != 0 ? errno : 0;
  close(fd);
  if (error != 0) return error;
  error = answer_about(channel, request, other, file, message);
  if (setns(home, CLONE_NEWNET) != 0) _exit(1);
  return error;
}

void ckernel_serve(int channel, int kept) {
  setsid();
  close_all_but(channel, kept);
  static char parts[CKERNEL_PARTS][CKERNEL_LONGEST + 1];
  for (;;) {
    struct ckernel_request request;
    if (ckernel_take(channel, &request, sizeof request, -1) != 0) _exit(0);
    for (int part = 0; part < CKERNEL_PARTS; part++) {
      unsigned length = request.lengths[part];
      if (length > CKERNEL_LONGEST || ckernel_take(channel, parts[part], length, -1) != 0) _exit(0);
      parts[part][length] = 0;
    }
    int error = request.kind == CKERNEL_WRITE
                    ? write_file(parts[2], parts[3], request.lengths[3])
                    : answer_in(channel, &request, parts[0], parts[1], parts[2], parts[3]);
    say(channel, 1, error, NULL, 0);
  }
}
