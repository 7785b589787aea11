import Files
import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite("A lock on a file")
struct FileLockTests {
  @Test("is held by one open file description at a time")
  func exclusive() throws {
    try withFolder { (path) throws in
      let folder = try StateFolder(path)
      let one = try folder.lock("lock")
      try one.take(within: .zero)
      // The same open file description may take the lock again.
      try one.take(within: .zero)
      #expect(try folder.existingLock("lock")?.isHeldByAnother == true)
      let other = try folder.lock("lock")
      #expect(throws: Errno.wouldBlock) { try other.take(within: .milliseconds(50)) }
      one.release()
      try other.take(within: .zero)
      #expect(one.isHeldByAnother)
      #expect(try folder.existingLock("none") == nil)
    }
  }

  @Test("can be waited for, and is released when its file is closed")
  func waiting() throws {
    try withFolder { (path) throws in
      let one = try StateFolder(path).lock("lock")
      try one.take(within: .zero)
      let other = InBackground { (try? StateFolder(path).lock("lock").take(within: .seconds(60))) != nil }
      sleep(for: .milliseconds(50))
      #expect(other.value == nil)
      one.release()
      #expect(other.finish() == true)
      #expect(try StateFolder(path).lock("lock").isHeldByAnother == false)
    }
  }
}
