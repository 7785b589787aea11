import CLibvirt
import HostModel

extension Libvirt {
  /// How libvirt answers, on a connection of its own: who may not act by it may still look.
  static func service(at uri: String?) -> Observed<LibvirtService> {
    do throws(LibvirtFailure) {
      let uri = try LibvirtURI.toOpen(uri)
      let answer = within(.seconds(15)) { () -> Result<LibvirtService, LibvirtFailure> in
        LibvirtLibrary.shared.flatMap { library in
          do throws(LibvirtError) { return .success(try LibvirtService(library, uri)) } catch {
            return .failure(.unavailable(error.description))
          }
        }
      }
      guard let answer else { throw .noAnswer(after: .seconds(15)) }
      return .known(try answer.get())
    } catch { return .unavailable(error.reason) }
  }
}

extension LibvirtService {
  fileprivate init(_ library: LibvirtLibrary, _ uri: String?) throws(LibvirtError) {
    let connection: LibvirtConnection
    var isReadOnly = false
    do throws(LibvirtError) { connection = try LibvirtConnection(library, uri) } catch {
      guard let other = try? LibvirtConnection(library, uri, isReadOnly: true) else { throw error }
      connection = other
      isReadOnly = true
    }
    self.init(
      uri: connection.uri, version: connection.number(library.call.virConnectGetLibVersion),
      qemu: connection.number(library.call.virConnectGetVersion), isReadOnly: isReadOnly)
  }
}

extension LibvirtConnection {
  /// Nil where it does not say; a driver may not know its emulator's.
  fileprivate func number(_ ask: (OpaquePointer, UnsafeMutablePointer<UInt>) -> CInt) -> VersionNumber? {
    var number: UInt = 0
    return ask(handle, &number) == 0 && number > 0 ? VersionNumber(libvirt: number) : nil
  }
}
