import CLibvirt
import Documents
import Glibc

/// libvirt's library, loaded on first need. A host without it runs the same pcipass.
///
/// Unchecked: its functions may be called from any thread (https://libvirt.org/threads.html), and the
/// pointers to them never change.
struct LibvirtLibrary: @unchecked Sendable {
  let call: clibvirt_functions

  /// The library, or why it cannot be used.
  static let shared: Result<LibvirtLibrary, LibvirtFailure> = load()

  private static func load() -> Result<LibvirtLibrary, LibvirtFailure> {
    let functions = UnsafeMutablePointer<clibvirt_functions>.allocate(capacity: 1)
    defer { functions.deallocate() }
    if let reason = clibvirt_load(functions) { return .failure(.unavailable(String(cString: reason))) }
    let library = LibvirtLibrary(call: functions.pointee)
    // Otherwise it prints its errors.
    library.call.virSetErrorFunc(nil, { _, _ in })
    library.runEvents()
    return .success(library)
  }

  /// Events and keepalives need a loop that always runs, and it must be there before the first connection.
  private func runEvents() {
    guard call.virEventRegisterDefaultImpl() == 0 else { return }
    Worker {
      // A loop that fails at once is not to take a whole processor.
      while true { if call.virEventRunDefaultImpl() != 0 { usleep(100_000) } }
    }.leave()
  }

  /// What the last call on this thread complained of. Any further call would wipe it out.
  func lastError() -> LibvirtError {
    let code = LibvirtError.Code(rawValue: Int(call.virGetLastErrorCode()))
    let domain = LibvirtError.Domain(rawValue: Int(call.virGetLastErrorDomain()))
    return LibvirtError(code, domain, String(cString: call.virGetLastErrorMessage()))
  }
}
