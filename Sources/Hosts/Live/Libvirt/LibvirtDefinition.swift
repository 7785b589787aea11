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
    let outcome: Result<Bool, HostFailure>
    do throws(LibvirtFailure) {
      outcome = try define(edit, within: time)
    } catch {
      guard case .lost = error, let guest = try? domain(name) else { throw HostFailure(error) }
      switch edit.state(in: guest) {
      case .done: return
      case .notDone:
        do throws(LibvirtFailure) { outcome = try define(edit, within: time) } catch {
          throw HostFailure(error)
        }
      case .other: throw HostFailure(error)
      }
    }
    if try !outcome.get() {
      throw HostFailure(.refused, "the definition of \(name) was not edited")
    }
  }

  private func define(
    _ edit: EditDevice, within time: Duration
  ) throws(LibvirtFailure) -> Result<Bool, HostFailure> {
    let name = edit.placement.guest.name
    let changed = Diagnostic(
      code: "changed", "the definition of \(name) has changed at this moment", help: "plan again")
    return try define(name, edit.to.address, within: time) { shown throws(Diagnostic) in
      let known = try Definition(shown, of: name, editing: edit.to.address)
      guard edit.rest == nil || edit.rest == known.digest else { throw changed }
    } edit: { secret throws(Diagnostic) in
      let definition = try Definition(secret, of: name, editing: edit.to.address)
      guard definition.hostdev.isSame(inLibvirt: edit.from) else { throw changed }
      return try definition.text(with: edit.goal(for: definition.hostdev))
    }
  }

  /// Adds a device with a boot order to a definition in which libvirt has put `<boot dev='hd'/>` since the device left:
  /// libvirt refuses the device beside that. False where the definition has none, and the device can be attached.
  func restoreBootOrder(
    of hostdev: Hostdev, in name: String, within time: Duration
  ) throws(HostFailure) -> Bool {
    guard hostdev.hasBootOrder else { return false }
    let outcome: Result<Bool, HostFailure>
    do throws(LibvirtFailure) {
      outcome = try define(name, hostdev.address, within: time, check: { _ in }) {
        secret throws(Diagnostic) in
        try DomainEdit.restoring(hostdev, in: secret, of: name)
      }
    } catch {
      throw HostFailure(error)
    }
    return try outcome.get()
  }

  /// Defines a domain as its definition says, edited.
  ///
  /// - Parameters:
  ///   - address: of the device that the edit is about; all else stays as the edited text has it.
  ///   - check: looks at the definition without passwords, and fails where it is not what the edit is for.
  ///   - edit: the new text; nil where nothing is to be defined. It gets the definition with the passwords of VNC and SPICE,
  ///     which libvirt would delete otherwise. That text stays in memory: it is in no message, output or journal. Until the
  ///     define no more is done than needed.
  /// - Returns: whether it was defined.
  private func define(
    _ name: String, _ address: PCIAddress, within time: Duration,
    check: @escaping @Sendable ([UInt8]) throws(Diagnostic) -> Void,
    edit: @escaping @Sendable ([UInt8]) throws(Diagnostic) -> [UInt8]?
  ) throws(LibvirtFailure) -> Result<Bool, HostFailure> {
    try askOnce(.changing, within: time) { connection throws(LibvirtError) in
      try connection.withDomain(name) { domain throws(LibvirtError) in
        try connection.define(domain, name, address, check: check, edit: edit)
      }
    }
  }
}

extension LibvirtConnection {
  fileprivate func define(
    _ domain: OpaquePointer, _ name: String, _ address: PCIAddress,
    check: ([UInt8]) throws(Diagnostic) -> Void, edit: ([UInt8]) throws(Diagnostic) -> [UInt8]?
  ) throws(LibvirtError) -> Result<Bool, HostFailure> {
    let isPersistent = library.call.virDomainIsPersistent(domain)
    try self.check(isPersistent)
    // Defining a transient domain would make it a persistent one.
    guard isPersistent == 1 else {
      return .failure(HostFailure(.refused, "\(name) has no definition: it is gone when it stops"))
    }
    let shown = try xml(of: domain, CLIBVIRT_XML_INACTIVE)
    do throws(Diagnostic) { try check(shown) } catch { return .failure(HostFailure(error)) }
    let secret = try xml(of: domain, CLIBVIRT_XML_INACTIVE | CLIBVIRT_XML_SECURE)
    do throws(Diagnostic) {
      guard let text = try edit(secret) else { return .success(false) }
      let refusal: LibvirtError?
      do throws(LibvirtError) {
        try define(text)
        refusal = nil
      } catch {
        refusal = error
      }
      let wanted = try Definition(text, of: name, editing: address)
      if let refusal { return .failure(HostFailure(refusal.without(wanted.secrets))) }
      let found: [UInt8]
      do throws(LibvirtError) {
        found = try xml(of: domain, CLIBVIRT_XML_INACTIVE | CLIBVIRT_XML_SECURE)
      } catch {
        return .failure(HostFailure(error.without(wanted.secrets)))
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
      return .failure(HostFailure(error))
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

extension HostFailure {
  /// A definition that is not what the edit needs.
  fileprivate init(_ diagnostic: Diagnostic) {
    self.init(.refused, diagnostic.message, help: diagnostic.help)
  }
}

extension LibvirtError {
  /// What libvirt said, without its text where that quotes a password.
  fileprivate func without(_ secrets: [String]) -> LibvirtError {
    guard secrets.contains(where: { !$0.isEmpty && message.contains($0) }) else { return self }
    return LibvirtError(code, domain, "its message quotes the definition and is left out")
  }
}
