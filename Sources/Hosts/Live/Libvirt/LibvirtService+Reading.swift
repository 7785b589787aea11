import CLibvirt
import HostModel

extension Libvirt {
  /// How libvirt answers, on a connection of its own: who may not act by it may still look.
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
      // Another hypervisor's version is no QEMU's.
      guard service.uri?.hasPrefix("qemu") == true else { return .known(service) }
      // Its first answer may take long: libvirt then finds out what each QEMU can do. It is no less there for that.
      let qemu = within(.seconds(30)) { opened.connection.number { $0.virConnectGetVersion } }
      service.qemu = qemu ?? nil
      return .known(service)
    } catch { return .unavailable(error.reason) }
  }

  /// A connection, and what it told at once.
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
  /// Nil where it does not say; a driver may not know its emulator's.
  fileprivate func number(
    _ call: (clibvirt_functions) -> (OpaquePointer, UnsafeMutablePointer<UInt>) -> CInt
  ) -> VersionNumber? {
    var number: UInt = 0
    return call(library.call)(handle, &number) == 0 && number > 0 ? VersionNumber(libvirt: number) : nil
  }
}
