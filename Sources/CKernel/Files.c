#define _GNU_SOURCE
#include "CKernel.h"

#include <errno.h>
#include <fcntl.h>

static struct flock one_byte(off_t byte) {
  return (struct flock){.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
}

int ckernel_mark(int file, off_t byte) {
  struct flock lock = one_byte(byte);
  return fcntl(file, F_OFD_SETLK, &lock) == 0 ? 0 : errno;
}

int ckernel_is_marked(int file, off_t byte) {
  struct flock lock = one_byte(byte);
  lock.l_type = F_WRLCK;
  return fcntl(file, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

int ckernel_reserve(int file, off_t offset, off_t length) {
  return fallocate(file, FALLOC_FL_KEEP_SIZE, offset, length) == 0 ? 0 : errno;
}
