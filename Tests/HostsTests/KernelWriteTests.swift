import Glibc
import SystemPackage
import Testing

@testable import Hosts

@Suite("A write that can be given up on")
struct KernelWriteTests {
  private let path = "/tmp/pcipass-write-\(getpid())-\(UInt32.random(in: 0 ... .max))"

  @Test("a write that ends says how it ended")
  func ends() {
    let writer = KernelWriter()
    #expect(writer.write("text", to: "/dev/null", within: .seconds(5)) == .done)
    #expect(writer.write("text", to: "/dev/full", within: .seconds(5)) == .failed(.noSpace))
    #expect(writer.write("text", to: "/nowhere/file", within: .seconds(5)) == .failed(.noSuchFileOrDirectory))
    let long = String(repeating: "x", count: 9000)
    #expect(writer.write(long, to: "/dev/null", within: .seconds(5)) == .failed(.fileNameTooLong))
  }

  @Test("a write that blocks for ever is given up in time, and its process left behind")
  func blocks() throws {
    // Opening a FIFO for writing waits until somebody reads.
    #expect(mkfifo(path, 0o600) == 0)
    defer { unlink(path) }
    let writer = KernelWriter()
    let took = ContinuousClock().measure {
      #expect(writer.write("text", to: path, within: .milliseconds(300)) == .unfinished)
    }
    #expect(took >= .milliseconds(300))
    // The write was not taken back: with a reader it goes on.
    let reader = open(path, O_RDONLY)
    defer { close(reader) }
    var bytes = [UInt8](repeating: 0, count: 8)
    #expect(read(reader, &bytes, bytes.count) == 4)
    #expect(bytes.prefix(4).elementsEqual("text".utf8))
    // Another process takes the next one.
    #expect(writer.write("text", to: "/dev/null", within: .seconds(5)) == .done)
  }

  @Test("a process that is left behind keeps none of the caller's files open")
  func closesFiles() throws {
    #expect(mkfifo(path, 0o600) == 0)
    defer { unlink(path) }
    var ends: [CInt] = [-1, -1]
    #expect(pipe(&ends) == 0)
    let writer = KernelWriter()
    #expect(writer.write("text", to: path, within: .milliseconds(100)) == .unfinished)
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
