import CLibvirt
import Documents
import Files
import Glibc

/// The libvirt library, `libvirt.so.0`. It is loaded on first use, because pcipass also runs on
/// hosts without it.
///
/// `@unchecked`, because any thread may call its functions (https://libvirt.org/threads.html), and
/// the pointers to them never change.
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

  /// Starts the event loop. Events and keepalives need one that always runs and that is registered
  /// before the first connection.
  private func runEvents() {
    guard call.virEventRegisterDefaultImpl() == 0 else { return }
    Worker {
      // The pause keeps a loop that fails at once from using a whole processor.
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
