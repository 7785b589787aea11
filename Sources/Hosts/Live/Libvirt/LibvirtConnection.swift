import CLibvirt
import Files
import Glibc

/// An open connection. It is closed when the last reference to it is released.
///
/// `@unchecked`, because libvirt allows any thread to use a connection
/// (https://libvirt.org/threads.html).
final class LibvirtConnection: @unchecked Sendable {
  let library: LibvirtLibrary
  let handle: OpaquePointer
  let slots = CallSlots()

  /// Opens a connection.
  ///
  /// - Parameter uri: the connection URI; nil for the default of the library.
  init(_ library: LibvirtLibrary, _ uri: String?, isReadOnly: Bool = false) throws(LibvirtError) {
    let open = isReadOnly ? library.call.virConnectOpenReadOnly : library.call.virConnectOpen
    guard let handle = open(uri) else { throw library.lastError() }
    self.library = library
    self.handle = handle
    // libvirt then closes the connection if the daemon does not respond for 15 seconds, and waiting
    // calls fail. Drivers without a daemon reject this call; the error is ignored.
    _ = library.call.virConnectSetKeepAlive(handle, 5, 3)
  }

  deinit {
    let closing = Closing(library: library, handle: handle)
    // A daemon that hangs must not block this thread.
    _ = within(.seconds(1)) { closing.close() }
  }

  /// The URI that was opened. The default of the library is set in its configuration.
  var uri: String? {
    guard let text = library.call.virConnectGetURI(handle) else { return nil }
    defer { free(text) }
    return String(cString: text)
  }

  /// Whether the last call on this thread failed because the connection to the daemon broke.
  func isLost(_ error: LibvirtError) -> Bool {
    error.code.mayBeLostConnection && library.call.virConnectIsAlive(handle) != 1
  }

  /// Looks up a domain and calls `body` with it.
  ///
  /// - Throws: libvirt's error; `.noDomain` if there is no domain of that name.
  func withDomain<Value>(
    _ name: String, _ body: (OpaquePointer) throws(LibvirtError) -> Value
  ) throws(LibvirtError) -> Value {
    guard let domain = library.call.virDomainLookupByName(handle, name) else { throw library.lastError() }
    defer { _ = library.call.virDomainFree(domain) }
    return try body(domain)
  }

  /// Throws libvirt's error if a call has returned a negative number.
  func check(_ result: CInt) throws(LibvirtError) {
    if result < 0 { throw library.lastError() }
  }

  /// `@unchecked` for the same reason as the connection.
  private struct Closing: @unchecked Sendable {
    let library: LibvirtLibrary
    let handle: OpaquePointer

    func close() { _ = library.call.virConnectClose(handle) }
  }
}
