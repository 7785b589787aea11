import CLibvirt
import Documents
import Glibc
import HostModel
import Planning

/// Editing the definition of a domain.
///
/// libvirt has no call that edits a device of a definition: the definition is read, edited and defined as a whole. It has
/// no compare-and-set either: a change by another program between that reading and the defining is lost. That is a few
/// milliseconds (docs/reliability.md).
extension Libvirt {
  /// The device as it is defined now. The definition is read without passwords.
  func definition(
    of hostdev: Hostdev, in domain: String, as device: Hostdev.Device
  ) throws(HostFailure) -> DefinedDevice {
    let text: [UInt8]
    do throws(LibvirtFailure) {
      text = try ask(.reading, within: .seconds(60)) { connection throws(LibvirtError) in
        try connection.withDomain(domain) { handle throws(LibvirtError) in
          try connection.xml(of: handle, CLIBVIRT_XML_INACTIVE)
        }
      }
    } catch {
      throw HostFailure(error)
    }
    do throws(Diagnostic) {
      let definition = try Definition(text, of: domain, editing: hostdev.address)
      return DefinedDevice(
        hostdev: definition.hostdev, element: definition.element(as: device), rest: definition.digest)
    } catch {
      throw HostFailure(.refused, error.message)
    }
  }

  /// Edits a device. Where the connection breaks meanwhile, reading tells whether the definition was edited.
  func edit(_ edit: EditDevice, within time: Duration) throws(HostFailure) {
    let name = edit.placement.guest.name
    let isDone = try define(name, edit.to.address, within: time) { shown, secret throws(Diagnostic) in
      let known = try Definition(shown, of: name, editing: edit.to.address)
      guard edit.rest == nil || edit.rest == known.digest, known.hostdev.isSame(inLibvirt: edit.from) else {
        throw Diagnostic(
          code: "changed", "the definition of \(name) has changed at this moment", help: "plan again")
      }
      return try Definition(secret, of: name, editing: edit.to.address)
        .text(with: edit.goal(for: known.hostdev))
    }
    if isDone { return }
    throw HostFailure(.refused, "the definition of \(name) was not edited")
  }

  /// Adds a device with a boot order to a definition in which libvirt has put `<boot dev='hd'/>` since the device left:
  /// libvirt refuses the device beside that. False where the definition has none, and the device can be attached.
  func restoreBootOrder(
    of hostdev: Hostdev, in name: String, within time: Duration
  ) throws(HostFailure) -> Bool {
    guard hostdev.hasBootOrder else { return false }
    return try define(name, hostdev.address, within: time) { _, secret throws(Diagnostic) in
      try DomainEdit.restoring(hostdev, in: secret, of: name)
    }
  }

  /// Defines a domain as its definition says, edited.
  ///
  /// - Parameters:
  ///   - address: of the device that the edit is about; all else stays as the edited text has it.
  ///   - edit: the new text; nil where nothing is to be defined. It gets the definition as anybody may see it, and the one
  ///     with the passwords of VNC and SPICE, which libvirt would delete otherwise. That one stays in memory: it is in no
  ///     message, output or journal.
  /// - Returns: whether it was defined.
  private func define(
    _ name: String, _ address: PCIAddress, within time: Duration,
    _ edit: @escaping @Sendable (_ shown: [UInt8], _ secret: [UInt8]) throws(Diagnostic) -> [UInt8]?
  ) throws(HostFailure) -> Bool {
    let outcome: Result<Bool, HostFailure>
    do throws(LibvirtFailure) {
      outcome = try askOnce(.changing, within: time) { connection throws(LibvirtError) in
        try connection.withDomain(name) { domain throws(LibvirtError) in
          try connection.define(domain, name, address, edit)
        }
      }
    } catch {
      throw HostFailure(error)
    }
    return try outcome.get()
  }
}

extension LibvirtConnection {
  fileprivate func define(
    _ domain: OpaquePointer, _ name: String, _ address: PCIAddress,
    _ edit: ([UInt8], [UInt8]) throws(Diagnostic) -> [UInt8]?
  ) throws(LibvirtError) -> Result<Bool, HostFailure> {
    let isPersistent = library.call.virDomainIsPersistent(domain)
    try check(isPersistent)
    // Defining a transient domain would make it a persistent one.
    guard isPersistent == 1 else {
      return .failure(HostFailure(.refused, "\(name) has no definition: it is gone when it stops"))
    }
    let shown = try xml(of: domain, CLIBVIRT_XML_INACTIVE)
    let secret = try xml(of: domain, CLIBVIRT_XML_INACTIVE | CLIBVIRT_XML_SECURE)
    do throws(Diagnostic) {
      guard let text = try edit(shown, secret) else { return .success(false) }
      let wanted = try Definition(text, of: name, editing: address)
      do throws(LibvirtError) { try define(text) } catch { throw error.diagnostic(without: wanted.secrets) }
      let found: [UInt8]
      do throws(LibvirtError) {
        found = try xml(of: domain, CLIBVIRT_XML_INACTIVE | CLIBVIRT_XML_SECURE)
      } catch {
        throw error.diagnostic(without: wanted.secrets)
      }
      guard try Definition(found, of: name, editing: address).rest == wanted.rest else {
        return .failure(
          HostFailure(
            .unverified,
            "the definition of \(name) differs beside the device since it was edited: "
              + "another program has changed it, or libvirt writes it otherwise",
            help: "virsh dumpxml --inactive \(name) shows it"))
      }
      return .success(true)
    } catch {
      return .failure(HostFailure(.refused, error.message, help: error.help))
    }
  }

  private func define(_ text: [UInt8]) throws(LibvirtError) {
    let defined = String(decoding: text, as: UTF8.self).withCString {
      library.call.virDomainDefineXML(handle, $0)
    }
    guard let defined else { throw library.lastError() }
    _ = library.call.virDomainFree(defined)
  }
}

extension LibvirtError {
  /// What libvirt said, without its text where that quotes a password.
  fileprivate func diagnostic(without secrets: [String]) -> Diagnostic {
    let isQuoting = secrets.contains { !$0.isEmpty && message.contains($0) }
    let shown =
      isQuoting ? LibvirtError(code, domain, "its message quotes the definition and is left out") : self
    return Diagnostic(code: "xml", shown.description)
  }
}
