import CKernel
import Glibc
import Testing

@Suite("A write that can be given up on")
struct KernelWriteTests {
  private let path = "/tmp/pcipass-write-\(getpid())-\(UInt32.random(in: 0 ... .max))"

  @Test("a write that ends says how it ended")
  func ends() {
    var error: CInt = -1
    #expect(ckernel_write("/dev/null", "text", 5000, &error) == 0)
    #expect(error == 0)
    #expect(ckernel_write("/dev/full", "text", 5000, &error) == 0)
    #expect(error == ENOSPC)
    #expect(ckernel_write("/nowhere/file", "text", 5000, &error) == 0)
    #expect(error == ENOENT)
  }

  @Test("a write that blocks for ever is given up in time, and its process left behind")
  func blocks() throws {
    // Opening a FIFO for writing waits until somebody reads.
    #expect(mkfifo(path, 0o600) == 0)
    defer { unlink(path) }
    var error: CInt = 0
    let took = ContinuousClock().measure {
      #expect(ckernel_write(path, "text", 300, &error) == 1)
    }
    #expect(took >= .milliseconds(300))
    // The write was not taken back: with a reader it goes on.
    let reader = open(path, O_RDONLY)
    defer { close(reader) }
    var bytes = [UInt8](repeating: 0, count: 8)
    #expect(read(reader, &bytes, bytes.count) == 4)
    #expect(bytes.prefix(4).elementsEqual("text".utf8))
  }

  @Test("a process that is left behind keeps none of the caller's files open")
  func closesFiles() throws {
    #expect(mkfifo(path, 0o600) == 0)
    defer { unlink(path) }
    var ends: [CInt] = [-1, -1]
    #expect(pipe(&ends) == 0)
    var error: CInt = 0
    #expect(ckernel_write(path, "text", 100, &error) == 1)
    close(ends[1])
    // An end of file is seen at once only if the child does not hold the writing end.
    var waiting = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
    #expect(poll(&waiting, 1, 1000) == 1)
    #expect(waiting.revents & Int16(POLLHUP) != 0)
    close(ends[0])
    let reader = open(path, O_RDONLY)
    close(reader)
  }
}
