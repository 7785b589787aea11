import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Hosts

@Suite("Writes to the kernel with a time limit")
struct KernelWriteTests {
  private let path = "/tmp/pcipass-write-\(getpid())-\(UInt32.random(in: 0 ... .max))"

  @Test("A write that finishes returns its result")
  func outcomes() {
    let writer = KernelHelper()
    #expect(writer.write("text", to: "/dev/null", within: .seconds(5)) == .done)
    #expect(writer.write("text", to: "/dev/full", within: .seconds(5)) == .failed(.noSpace))
    #expect(writer.write("text", to: "/nowhere/file", within: .seconds(5)) == .failed(.noSuchFileOrDirectory))
    let long = String(repeating: "x", count: 9000)
    #expect(writer.write(long, to: "/dev/null", within: .seconds(5)) == .failed(.fileNameTooLong))
  }

  @Test("A write that blocks for ever is given up in time, and its process is left behind")
  func blocks() throws {
    // Opening a FIFO for writing blocks until a reader opens it.
    #expect(mkfifo(path, 0o600) == 0)
    defer { unlink(path) }
    let writer = KernelHelper()
    let took = ContinuousClock().measure {
      #expect(writer.write("text", to: path, within: .milliseconds(300)) == .timedOut)
    }
    #expect(took >= .milliseconds(300))
    // The write was not cancelled: with a reader it continues.
    let reader = open(path, O_RDONLY)
    defer { close(reader) }
    var bytes = [UInt8](repeating: 0, count: 8)
    #expect(read(reader, &bytes, bytes.count) == 4)
    #expect(bytes.prefix(4).elementsEqual("text".utf8))
    // Another process does the next write.
    #expect(writer.write("text", to: "/dev/null", within: .seconds(5)) == .done)
  }

  @Test("A process that is left behind keeps none of the caller's files open")
  func closesFiles() throws {
    #expect(mkfifo(path, 0o600) == 0)
    defer { unlink(path) }
    var ends: [CInt] = [-1, -1]
    #expect(pipe(&ends) == 0)
    let writer = KernelHelper()
    #expect(writer.write("text", to: path, within: .milliseconds(100)) == .timedOut)
    close(ends[1])
    // An end of file is seen at once only if the child does not hold the writing end.
    var waiting = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
    #expect(poll(&waiting, 1, 1000) == 1)
    #expect(waiting.revents & Int16(POLLHUP) != 0)
    close(ends[0])
    let reader = open(path, O_RDONLY)
    close(reader)
  }

  /// A FIFO that a long text fills: the write has begun when there is something to read, and cannot
  /// finish before that is read.
  private final class SmallPipe {
    let path: String
    static let text = String(repeating: "x", count: 6000)
    private let descriptor: CInt

    init(_ path: String) throws {
      self.path = path
      #expect(mkfifo(path, 0o600) == 0)
      descriptor = open(path, O_RDWR | O_CLOEXEC)
      // F_SETPIPE_SZ: one page, the least.
      #expect(fcntl(descriptor, 1031, 4096) == 4096)
    }

    deinit {
      close(descriptor)
      unlink(path)
    }

    func hasBegun() -> Bool {
      var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      return poll(&waiting, 1, 60_000) == 1
    }

    func readAll() {
      var left = Self.text.utf8.count
      var bytes = [UInt8](repeating: 0, count: left)
      while left > 0 { left -= read(descriptor, &bytes, left) }
    }
  }

  /// Starts a write in the background that cannot finish before the pipe is read.
  private func begin(
    by writer: KernelHelper, _ pipe: SmallPipe
  ) -> InBackground<KernelHelper.WriteResult> {
    let write = InBackground { [path = pipe.path] in
      writer.write(SmallPipe.text, to: path, within: .seconds(300))
    }
    #expect(pipe.hasBegun())
    return write
  }

  @Test("A write that blocks does not delay other writes")
  func sideBySide() throws {
    let pipe = try SmallPipe(path)
    let writer = KernelHelper()
    let first = begin(by: writer, pipe)
    #expect(writer.write("text", to: "/dev/null", within: .seconds(60)) == .done)
    #expect(writer.write("text", to: "/dev/full", within: .seconds(60)) == .failed(.noSpace))
    #expect(first.value == nil)
    pipe.readAll()
    #expect(first.finish() == .done)
  }

  @Test("A write that is given up does not end other writes")
  func givenUpBesideAnother() throws {
    let pipe = try SmallPipe(path)
    let unread = path + "-unread"
    #expect(mkfifo(unread, 0o600) == 0)
    defer { unlink(unread) }
    let writer = KernelHelper()
    let other = begin(by: writer, pipe)
    #expect(writer.write("text", to: unread, within: .milliseconds(200)) == .timedOut)
    #expect(other.value == nil)
    pipe.readAll()
    #expect(other.finish() == .done)
    // The write that was given up still blocks.
    let reader = open(unread, O_RDONLY)
    defer { close(reader) }
    var bytes = [UInt8](repeating: 0, count: 8)
    #expect(read(reader, &bytes, bytes.count) == 4)
  }

  @Test("An idle process does the next write; there are as many processes as writes at once")
  func reuses() throws {
    let pipe = try SmallPipe(path)
    let writer = KernelHelper()
    func write() { #expect(writer.write("text", to: "/dev/null", within: .seconds(60)) == .done) }
    write()
    let one = writer.idleProcesses
    #expect(one.count == 1)
    for _ in 0..<3 { write() }
    #expect(writer.idleProcesses == one)
    let first = begin(by: writer, pipe)
    #expect(writer.idleProcesses == [])
    write()
    pipe.readAll()
    #expect(first.finish() == .done)
    let both = Set(writer.idleProcesses)
    #expect(both.count == 2 && both.isSuperset(of: one))
    for _ in 0..<3 { write() }
    #expect(Set(writer.idleProcesses) == both)
  }

  @Test("A released writer leaves no idle process, even if a process of another writer hangs")
  func ends() throws {
    let pipe = try SmallPipe(path)
    let unread = path + "-unread"
    #expect(mkfifo(unread, 0o600) == 0)
    defer { unlink(unread) }
    let later = KernelHelper()
    func processes() -> [CInt] {
      let writer = KernelHelper()
      let first = begin(by: writer, pipe)
      #expect(writer.write("text", to: "/dev/null", within: .seconds(60)) == .done)
      pipe.readAll()
      #expect(first.finish() == .done)
      #expect(later.write("text", to: unread, within: .milliseconds(200)) == .timedOut)
      #expect(later.write("text", to: "/dev/null", within: .seconds(60)) == .done)
      return writer.idleProcesses
    }
    let gone = processes()
    #expect(gone.count == 2)
    for process in gone { #expect(kill(process, 0) == -1 && errno == ESRCH) }
    for process in later.idleProcesses { #expect(kill(process, 0) == 0) }
    let reader = open(unread, O_RDONLY)
    close(reader)
  }

  @Test(
    "A request without an answer in time is given up, and the next one uses another process"
  )
  func unanswered() throws {
    let helper = KernelHelper()
    let netlink = Netlink(helper: helper, deadline: .milliseconds(300))
    #expect(try netlink.links().isEmpty == false)
    let process = try #require(helper.idleProcesses.first)
    // A stopped process behaves like one that waits for the rtnl lock.
    #expect(kill(process, SIGSTOP) == 0)
    defer { kill(process, SIGKILL) }
    do throws(Netlink.Failure) {
      _ = try netlink.links()
      Issue.record("a stopped process has answered")
    } catch { #expect(error.isTimeout) }
    #expect(helper.idleProcesses == [])
    #expect(try netlink.links().isEmpty == false)
    #expect(helper.idleProcesses.first != process)
  }

  @Test("A request fails if its process is killed, and the next one uses another process")
  func killed() throws {
    let helper = KernelHelper()
    let netlink = Netlink(helper: helper)
    _ = try netlink.links()
    #expect(kill(try #require(helper.idleProcesses.first), SIGKILL) == 0)
    #expect(throws: Netlink.Failure.self) { try netlink.links() }
    #expect(try netlink.links().isEmpty == false)
  }
}
