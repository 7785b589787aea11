import CLibvirt
import Documents
import Glibc
import HostModel
import Manifests
import Planning

/// Edits of a domain's definition.
///
/// libvirt has no call that edits a device of a definition, so the definition is read, edited and
/// defined as a whole. libvirt has no compare-and-set either: a change that another program makes
/// between the read and the define is lost. That window is a few milliseconds
/// (docs/reliability.md).
extension Libvirt {
  /// A device as the definition contains it now. The definition is read without passwords.
  ///
  /// - Parameters:
  ///   - hostdev: the device, which is found by its address.
  ///   - device: the kind of device to which its XML is converted.
  /// - Throws: `.refused` if the definition does not have the device or cannot be edited.
  func definition(
    of hostdev: Hostdev, in domain: String, as device: Hostdev.ElementKind
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
    do throws(Diagnostics) {
      let definition = try DomainDefinition(text, of: domain, editing: hostdev.address)
      return DefinedDevice(
        hostdev: definition.hostdev, element: definition.element(as: device), rest: definition.digest)
    } catch {
      throw HostFailure(.refused, error.message)
    }
  }

  /// Edits a device of a definition. If the connection breaks meanwhile, the definition is read to
  /// find out whether the edit took effect.
  ///
  /// - Parameter time: the time for the answer of libvirt.
  /// - Throws: `.refused` if the definition differs from the one that the edit was planned for;
  ///   `.unverified` if another part of it has changed too.
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
      throw HostFailure(.refused, "the definition of \(name) has not changed")
    }
  }

  private func define(
    _ edit: EditDevice, within time: Duration
  ) throws(LibvirtFailure) -> Result<Bool, HostFailure> {
    let name = edit.placement.guest.name
    let changed = Diagnostics(
      code: "changed", "another program changed the definition of \(name) at the same time",
      help: "plan again")
    return try define(name, edit.to.address, within: time) { shown throws(Diagnostics) in
      let known = try DomainDefinition(shown, of: name, editing: edit.to.address)
      guard edit.rest == nil || edit.rest == known.digest else { throw changed }
    } edit: { secret throws(Diagnostics) in
      let definition = try DomainDefinition(secret, of: name, editing: edit.to.address)
      guard definition.hostdev.isSame(inLibvirt: edit.from) else { throw changed }
      return try definition.text(with: edit.goal(for: definition.hostdev))
    }
  }

  /// Adds a device with a boot order to a definition, and removes the `<boot dev='hd'/>` that
  /// libvirt has added since the device was removed: libvirt rejects the device beside that
  /// element.
  ///
  /// - Returns: false if the definition has no such element, so that the device can be attached
  ///   without an edit.
  func restoreBootOrder(
    of hostdev: Hostdev, in name: String, within time: Duration
  ) throws(HostFailure) -> Bool {
    guard hostdev.hasBootOrder else { return false }
    let outcome: Result<Bool, HostFailure>
    do throws(LibvirtFailure) {
      outcome = try define(name, hostdev.address, within: time, check: { _ in }) {
        secret throws(Diagnostics) in
        try DomainEdit.restoring(hostdev, in: secret, of: name)
      }
    } catch {
      throw HostFailure(error)
    }
    return try outcome.get()
  }

  /// Defines a domain with an edited definition.
  ///
  /// - Parameters:
  ///   - address: the function of the edited device. After the define, the rest of the definition
  ///     must be as in the edited text.
  ///   - check: throws if the definition, which is passed without passwords, is not the one that
  ///     the edit was planned for.
  ///   - edit: returns the new text, or nil if the domain is not to be defined. The definition is
  ///     passed with the passwords of VNC and SPICE, which the define would otherwise delete. That
  ///     text stays in memory and is not written to a message, an output or a journal. The function
  ///     must be quick, because the window for changes by other programs lasts until the define.
  /// - Returns: whether the domain was defined.
  private func define(
    _ name: String, _ address: PCIAddress, within time: Duration,
    check: @escaping @Sendable ([UInt8]) throws(Diagnostics) -> Void,
    edit: @escaping @Sendable ([UInt8]) throws(Diagnostics) -> [UInt8]?
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
    check: ([UInt8]) throws(Diagnostics) -> Void, edit: ([UInt8]) throws(Diagnostics) -> [UInt8]?
  ) throws(LibvirtError) -> Result<Bool, HostFailure> {
    let isPersistent = library.call.virDomainIsPersistent(domain)
    try self.check(isPersistent)
    // A define would turn a transient domain into a persistent one.
    guard isPersistent == 1 else {
      return .failure(HostFailure(.refused, "\(name) is transient: it has no persistent definition"))
    }
    let shown = try xml(of: domain, CLIBVIRT_XML_INACTIVE)
    do throws(Diagnostics) { try check(shown) } catch { return .failure(HostFailure(error)) }
    let secret = try xml(of: domain, CLIBVIRT_XML_INACTIVE | CLIBVIRT_XML_SECURE)
    do throws(Diagnostics) {
      guard let text = try edit(secret) else { return .success(false) }
      let refusal: LibvirtError?
      do throws(LibvirtError) {
        try define(text)
        refusal = nil
      } catch {
        refusal = error
      }
      let wanted = try DomainDefinition(text, of: name, editing: address)
      if let refusal { return .failure(HostFailure(refusal.without(wanted.secrets))) }
      let found: [UInt8]
      do throws(LibvirtError) {
        found = try xml(of: domain, CLIBVIRT_XML_INACTIVE | CLIBVIRT_XML_SECURE)
      } catch {
        return .failure(HostFailure(error.without(wanted.secrets)))
      }
      guard try DomainDefinition(found, of: name, editing: address).rest == wanted.rest else {
        return .failure(
          HostFailure(
            .unverified,
            "the definition of \(name) differs in more than the device since the edit: "
              + "another program changed it, or libvirt formats it differently",
            help: "compare with: virsh dumpxml --inactive \(name)"))
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
  /// The failure for a definition that cannot be edited as planned.
  fileprivate init(_ error: Diagnostics) {
    self.init(.refused, error.message, help: error.all.first?.help)
  }
}

extension LibvirtError {
  /// The error; its message is replaced if it quotes a password.
  fileprivate func without(_ secrets: [String]) -> LibvirtError {
    guard secrets.contains(where: { !$0.isEmpty && message.contains($0) }) else { return self }
    return LibvirtError(code, domain, "its message is not shown because it quotes the definition")
  }
}
