// Preloaded into pcipass by CrashTests: what would change something below a folder is counted, and at the n-th such call
// the process is killed, or from then on the disk fails.
//
//   FAULT_BELOW  paths that begin so
//   FAULT_CALLS  which calls count: a list of w (write), s (fsync), o (create, mkdir, rename, link, unlink, truncate, reserve)
//   FAULT_AT     n, from 1
//   FAULT_KIND   kill, torn (half of the write is done), full (ENOSPC), broken (EIO)
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int count;

static int is_below(const char *path) {
  const char *folder = getenv("FAULT_BELOW");
  return folder != NULL && strncmp(path, folder, strlen(folder)) == 0;
}

static int is_file_below(int file) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return is_below(path);
}

static int is_at_below(int folder, const char *name) {
  return folder == AT_FDCWD || name[0] == '/' ? is_below(name) : is_file_below(folder);
}

static int is(const char *kind) { return strcmp(getenv("FAULT_KIND") ?: "", kind) == 0; }

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

// Whether this is a call from which on something is wrong.
static int is_hit(char call, int counts) {
  if (!counts || strchr(getenv("FAULT_CALLS") ?: "", call) == NULL) return 0;
  int at = atoi(getenv("FAULT_AT") ?: "0");
  count++;
  if (at == 0 || count < at) return 0;
  if (is("kill")) die();
  return 1;
}

static int fails(char call, int counts) {
  if (!is_hit(call, counts) || is("torn")) return 0;
  errno = is("full") ? ENOSPC : EIO;
  return 1;
}

#define NEXT(name) static __typeof__(&name) next; if (next == NULL) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int file, const void *bytes, size_t size) {
  NEXT(write);
  if (!is_hit('w', is_file_below(file))) return next(file, bytes, size);
  if (is("torn")) {
    next(file, bytes, size / 2);
    die();
  }
  errno = is("full") ? ENOSPC : EIO;
  return -1;
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t offset) {
  NEXT(pwrite);
  return fails('w', is_file_below(file)) ? -1 : next(file, bytes, size, offset);
}

// A full disk can be synchronised all the same.
int fsync(int file) {
  NEXT(fsync);
  return is_hit('s', is_file_below(file)) && is("broken") ? (errno = EIO, -1) : next(file);
}

int ftruncate(int file, off_t length) {
  NEXT(ftruncate);
  return is_hit('o', is_file_below(file)) && is("broken") ? (errno = EIO, -1) : next(file, length);
}

int fallocate(int file, int mode, off_t offset, off_t length) {
  NEXT(fallocate);
  return fails('o', is_file_below(file)) ? -1 : next(file, mode, offset, length);
}

int mkdir(const char *path, mode_t mode) {
  NEXT(mkdir);
  return fails('o', is_below(path)) ? -1 : next(path, mode);
}

int mkdirat(int folder, const char *name, mode_t mode) {
  NEXT(mkdirat);
  return fails('o', is_at_below(folder, name)) ? -1 : next(folder, name, mode);
}

int unlinkat(int folder, const char *name, int flags) {
  NEXT(unlinkat);
  return is_hit('o', is_at_below(folder, name)) && is("broken") ? (errno = EIO, -1) : next(folder, name, flags);
}

int renameat(int folder, const char *from, int other, const char *to) {
  NEXT(renameat);
  return fails('o', is_at_below(folder, from)) ? -1 : next(folder, from, other, to);
}

int linkat(int folder, const char *from, int other, const char *to, int flags) {
  NEXT(linkat);
  return fails('o', is_at_below(folder, from)) ? -1 : next(folder, from, other, to, flags);
}

int openat(int folder, const char *name, int flags, ...) {
  NEXT(openat);
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return fails('o', flags & O_CREAT && is_at_below(folder, name)) ? -1 : next(folder, name, flags, mode);
}

int open(const char *path, int flags, ...) {
  NEXT(open);
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return fails('o', flags & O_CREAT && is_below(path)) ? -1 : next(path, flags, mode);
}
