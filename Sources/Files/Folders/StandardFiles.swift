import Glibc

/// Opens those of the files 0, 1 and 2 that the parent process has closed, so that no other file of this process takes
/// their numbers. Reading standard input and writing to the output then fail with EBADF, as they do for a closed file.
public func openMissingStandardFiles() {
  for file in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(file, F_GETFD) == -1 {
    _ = open("/dev/null", file == STDIN_FILENO ? O_WRONLY : O_RDONLY)
  }
}
