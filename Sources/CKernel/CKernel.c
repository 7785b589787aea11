#define _GNU_SOURCE
#include "CKernel.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void close_from(int first, int last) {
  if (first > last) return;
#ifdef SYS_close_range
  if (syscall(SYS_close_range, first, last, 0) == 0) return;
#endif
  for (int fd = first; fd <= last && fd < 4096; fd++) close(fd);
}

/// In the child. A write that never ends must not keep the caller's terminal or pipes open, nor the channel of another
/// writer, which would not see then that its caller is gone.
static void close_all_but(int one, int other) {
  int low = one < other ? one : other, high = one < other ? other : one;
  close_from(0, low - 1);
  close_from(low + 1, high - 1);
  close_from(high + 1, INT_MAX);
}

/// The child's life: takes a path and a text, writes, says how it ended. It ends with its caller.
///
/// Other threads of the caller may have held any lock when it forked: only functions that are async-signal-safe are
/// called from here on (signal-safety(7)).
static void serve(int channel, int kept) {
  setsid();
  close_all_but(channel, kept);
  char request[CKERNEL_LONGEST];
  for (;;) {
    ssize_t got = recv(channel, request, sizeof request, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) _exit(0);
    const char *path = request, *text = request + strlen(request) + 1;
    size_t length = got - (text - request) - 1;
    int error = 0;
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
      error = errno;
    } else {
      ssize_t written = write(fd, text, length);
      if (written < 0) error = errno;
      else if ((size_t)written != length) error = EIO;
      close(fd);
    }
    if (send(channel, &error, sizeof error, MSG_NOSIGNAL) < 0) _exit(0);
  }
}

int ckernel_writer_start(ckernel_writer *writer, int kept) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return errno;
  pid_t child = fork();
  if (child == 0) serve(ends[1], kept);
  int error = child < 0 ? errno : 0;
  close(ends[1]);
  if (error != 0) {
    close(ends[0]);
    return error;
  }
  writer->process = child;
  writer->channel = ends[0];
  return 0;
}

void ckernel_writer_stop(ckernel_writer *writer, int waits) {
  close(writer->channel);
  if (waits)
    while (waitpid(writer->process, NULL, 0) < 0 && errno == EINTR) {}
}

int ckernel_writer_write(ckernel_writer *writer, const char *path, const char *text, int milliseconds,
                         int *error) {
  char request[CKERNEL_LONGEST];
  size_t head = strlen(path) + 1, tail = strlen(text) + 1;
  if (head + tail > sizeof request) {
    *error = ENAMETOOLONG;
    return 0;
  }
  memcpy(request, path, head);
  memcpy(request + head, text, tail);
  ssize_t sent;
  do sent = send(writer->channel, request, head + tail, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  if (sent < 0) return -1;
  long long deadline = now_ms() + milliseconds;
  struct pollfd waiting = {.fd = writer->channel, .events = POLLIN};
  int ready;
  do {
    long long left = deadline - now_ms();
    ready = poll(&waiting, 1, left > 0 ? (int)left : 0);
  } while (ready < 0 && errno == EINTR);
  if (ready <= 0) return 1;
  int reported;
  ssize_t got;
  do got = recv(writer->channel, &reported, sizeof reported, 0);
  while (got < 0 && errno == EINTR);
  // A child that was killed reports nothing.
  if (got != (ssize_t)sizeof reported) return -1;
  *error = reported;
  return 0;
}

int ckernel_pipe(int *ends) { return pipe2(ends, O_CLOEXEC) == 0 ? 0 : errno; }

int ckernel_reserve(int file, off_t offset, off_t length) {
  return fallocate(file, FALLOC_FL_KEEP_SIZE, offset, length) == 0 ? 0 : errno;
}

int ckernel_permanent_address(const char *interface, unsigned char *address) {
  _Alignas(struct ethtool_perm_addr) unsigned char room[sizeof(struct ethtool_perm_addr) + 32] = {0};
  struct ethtool_perm_addr *question = (void *)room;
  question->cmd = ETHTOOL_GPERMADDR;
  question->size = 32;
  struct ifreq request = {.ifr_data = (void *)question};
  if (strlen(interface) >= sizeof request.ifr_name) return ENAMETOOLONG;
  strcpy(request.ifr_name, interface);
  int channel = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (channel < 0) return errno;
  int error = ioctl(channel, SIOCETHTOOL, &request) < 0 ? errno : 0;
  close(channel);
  if (error != 0) return error;
  static const unsigned char none[6];
  if (question->size != 6 || memcmp(question->data, none, 6) == 0) return ENODATA;
  memcpy(address, question->data, 6);
  return 0;
}
