import CLibvirt
import Files
import HostModel

extension Libvirt {
  /// The libvirt daemon and its version, read over a separate connection. The connection is
  /// read-only if the user has no permission to change anything.
  ///
  /// - Parameter uri: the connection URI; nil for the default of the library.
  static func service(at uri: String?) -> Observed<LibvirtService> {
    do throws(LibvirtFailure) {
      let uri = try LibvirtURI.toOpen(uri)
      let greeting = Duration.seconds(15)
      let answer = within(greeting) { () -> Result<Opened, LibvirtFailure> in
        LibvirtLibrary.shared.flatMap { library in
          do throws(LibvirtError) { return .success(try Opened(library, uri)) } catch {
            return .failure(.unavailable(error.description))
          }
        }
      }
      guard let answer else { throw .noAnswer(after: greeting) }
      let opened = try answer.get()
      var service = opened.service
      // `virConnectGetVersion` returns the version of the hypervisor, which may be another one than
      // QEMU.
      guard service.uri?.hasPrefix("qemu") == true else { return .known(service) }
      // The first call may take long, because libvirt probes each QEMU for its features. libvirt
      // counts as reachable even if the call does not return in time.
      let qemu = within(.seconds(30)) { opened.connection.number { $0.virConnectGetVersion } }
      service.qemu = qemu ?? nil
      return .known(service)
    } catch { return .unavailable(error.reason) }
  }

  /// An open connection and the libvirt daemon behind it.
  private struct Opened: Sendable {
    let connection: LibvirtConnection
    let service: LibvirtService

    init(_ library: LibvirtLibrary, _ uri: String?) throws(LibvirtError) {
      var isReadOnly = false
      do throws(LibvirtError) { connection = try LibvirtConnection(library, uri) } catch {
        guard let other = try? LibvirtConnection(library, uri, isReadOnly: true) else { throw error }
        connection = other
        isReadOnly = true
      }
      service = LibvirtService(
        uri: connection.uri, version: connection.number { $0.virConnectGetLibVersion }, qemu: nil,
        isReadOnly: isReadOnly)
    }
  }
}

extension LibvirtConnection {
  /// A version; nil if the driver does not report it.
  fileprivate func number(
    _ call: (clibvirt_functions) -> (OpaquePointer, UnsafeMutablePointer<UInt>) -> CInt
  ) -> VersionNumber? {
    var number: UInt = 0
    return call(library.call)(handle, &number) == 0 && number > 0 ? VersionNumber(libvirt: number) : nil
  }
}
