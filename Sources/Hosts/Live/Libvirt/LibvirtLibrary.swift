import CLibvirt
import Documents
import Files
import Glibc

/// libvirt's library, `libvirt.so.0`, loaded on first use: pcipass runs on hosts without it, too.
///
/// Unchecked, because its functions may be called from any thread (https://libvirt.org/threads.html), and the pointers to
/// them never change.
struct LibvirtLibrary: @unchecked Sendable {
  /// The functions of the library.
  let call: clibvirt_functions

  /// The library, or `.unavailable` with the reason.
  static let shared: Result<LibvirtLibrary, LibvirtFailure> = load()

  private static func load() -> Result<LibvirtLibrary, LibvirtFailure> {
    let functions = UnsafeMutablePointer<clibvirt_functions>.allocate(capacity: 1)
    defer { functions.deallocate() }
    if let reason = clibvirt_load(functions) { return .failure(.unavailable(String(cString: reason))) }
    let library = LibvirtLibrary(call: functions.pointee)
    // Without this, the library prints its errors to standard error.
    library.call.virSetErrorFunc(nil, { _, _ in })
    library.runEvents()
    return .success(library)
  }

  /// Events and keepalives need an event loop that always runs and is registered before the first connection.
  private func runEvents() {
    guard call.virEventRegisterDefaultImpl() == 0 else { return }
    Worker {
      // A loop that fails at once must not use a whole processor.
      while true { if call.virEventRunDefaultImpl() != 0 { usleep(100_000) } }
    }.leave()
  }

  /// The error of the last call on this thread. Each call to the library replaces it.
  func lastError() -> LibvirtError {
    let code = LibvirtError.ErrorCode(rawValue: Int(call.virGetLastErrorCode()))
    let domain = LibvirtError.Domain(rawValue: Int(call.virGetLastErrorDomain()))
    return LibvirtError(code, domain, String(cString: call.virGetLastErrorMessage()))
  }
}
