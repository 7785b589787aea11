import CLibvirt
import Files
import Glibc

/// An open connection. It is closed when the last reference to it is gone.
///
/// Unchecked, because libvirt allows a connection to be used from any thread (https://libvirt.org/threads.html).
final class LibvirtConnection: @unchecked Sendable {
  let library: LibvirtLibrary
  let handle: OpaquePointer
  let slots = CallSlots()

  /// Opens a connection.
  ///
  /// - Parameter uri: nil is the library's default.
  init(_ library: LibvirtLibrary, _ uri: String?, isReadOnly: Bool = false) throws(LibvirtError) {
    let open = isReadOnly ? library.call.virConnectOpenReadOnly : library.call.virConnectOpen
    guard let handle = open(uri) else { throw library.lastError() }
    self.library = library
    self.handle = handle
    // libvirt closes the connection to a daemon that is silent for 15 seconds, and waiting calls fail. Drivers without a
    // daemon refuse this call, which does no harm.
    _ = library.call.virConnectSetKeepAlive(handle, 5, 3)
  }

  deinit {
    let closing = Closing(library: library, handle: handle)
    // A daemon that hangs must not hold up this thread.
    _ = within(.seconds(1)) { closing.close() }
  }

  /// The URI that was opened; the library's default comes from its configuration.
  var uri: String? {
    guard let text = library.call.virConnectGetURI(handle) else { return nil }
    defer { free(text) }
    return String(cString: text)
  }

  /// Whether the last call on this thread failed because the connection to the daemon broke.
  func isLost(_ error: LibvirtError) -> Bool {
    error.code.mayBeLostConnection && library.call.virConnectIsAlive(handle) != 1
  }

  /// Looks a domain up and does something with it.
  ///
  /// - Throws: libvirt's error; `.noDomain` where there is no domain of that name.
  func withDomain<Value>(
    _ name: String, _ body: (OpaquePointer) throws(LibvirtError) -> Value
  ) throws(LibvirtError) -> Value {
    guard let domain = library.call.virDomainLookupByName(handle, name) else { throw library.lastError() }
    defer { _ = library.call.virDomainFree(domain) }
    return try body(domain)
  }

  /// Throws libvirt's error where a call has returned a negative number.
  func check(_ result: CInt) throws(LibvirtError) {
    if result < 0 { throw library.lastError() }
  }

  /// Unchecked for the same reason as the connection.
  private struct Closing: @unchecked Sendable {
    let library: LibvirtLibrary
    let handle: OpaquePointer

    func close() { _ = library.call.virConnectClose(handle) }
  }
}
