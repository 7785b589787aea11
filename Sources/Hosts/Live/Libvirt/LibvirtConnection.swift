import CLibvirt
import Glibc

/// An open connection; it is closed with its last user.
///
/// Unchecked: libvirt's connections may be used from any thread (https://libvirt.org/threads.html).
final class LibvirtConnection: @unchecked Sendable {
  let library: LibvirtLibrary
  let handle: OpaquePointer
  let slots = CallSlots()

  /// - Parameter uri: nil is the library's default.
  init(_ library: LibvirtLibrary, _ uri: String?, isReadOnly: Bool = false) throws(LibvirtError) {
    let open = isReadOnly ? library.call.virConnectOpenReadOnly : library.call.virConnectOpen
    guard let handle = open(uri) else { throw library.lastError() }
    self.library = library
    self.handle = handle
    // A daemon that says nothing for 15 seconds is given up by libvirt itself, and waiting calls fail. Drivers
    // that have no daemon say that they cannot.
    _ = library.call.virConnectSetKeepAlive(handle, 5, 3)
  }

  deinit {
    let closing = Closing(library: library, handle: handle)
    // Not without end: the daemon may hang.
    _ = within(.seconds(1)) { closing.close() }
  }

  /// What was opened in the end; the library's default may be set in its own configuration.
  var uri: String? {
    guard let text = library.call.virConnectGetURI(handle) else { return nil }
    defer { free(text) }
    return String(cString: text)
  }

  /// Whether the call that has just failed on this thread failed because the daemon went away.
  func isLost(_ error: LibvirtError) -> Bool {
    error.code.mayBeLostConnection && library.call.virConnectIsAlive(handle) != 1
  }

  /// Looks the domain up and does something with it, or fails with libvirt's error.
  func withDomain<Value>(
    _ name: String, _ body: (OpaquePointer) throws(LibvirtError) -> Value
  ) throws(LibvirtError) -> Value {
    guard let domain = library.call.virDomainLookupByName(handle, name) else { throw library.lastError() }
    defer { _ = library.call.virDomainFree(domain) }
    return try body(domain)
  }

  /// Fails with libvirt's error where a call says that it failed.
  func check(_ result: CInt) throws(LibvirtError) {
    if result < 0 { throw library.lastError() }
  }

  /// Unchecked for the same reason.
  private struct Closing: @unchecked Sendable {
    let library: LibvirtLibrary
    let handle: OpaquePointer

    func close() { _ = library.call.virConnectClose(handle) }
  }
}
