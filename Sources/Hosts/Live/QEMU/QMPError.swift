/// What QEMU itself answered: the class of its error and its own words
/// (https://www.qemu.org/docs/master/interop/qemu-qmp-ref.html).
public struct QMPError: Error, Sendable, Equatable {
  /// Programs may rely on these; the words change from version to version.
  public enum Class: Sendable, Equatable {
    case generic
    case commandNotFound
    case deviceNotFound
    case deviceNotActive
    case kvmMissing
    case other(String)
  }

  public var kind: Class
  public var message: String

  public init(_ kind: Class, _ message: String) {
    self.kind = kind
    self.message = message
  }
}

extension QMPError.Class {
  init(_ name: String) {
    self =
      [Self.generic, .commandNotFound, .deviceNotFound, .deviceNotActive, .kvmMissing]
      .first { $0.name == name } ?? .other(name)
  }

  /// As QEMU spells it.
  var name: String {
    switch self {
    case .generic: "GenericError"
    case .commandNotFound: "CommandNotFound"
    case .deviceNotFound: "DeviceNotFound"
    case .deviceNotActive: "DeviceNotActive"
    case .kvmMissing: "KVMMissingCap"
    case .other(let name): name
    }
  }
}

extension QMPError: CustomStringConvertible {
  public var description: String { "QEMU: \(message)" + (kind == .generic ? "" : " (\(kind.name))") }
}

extension HostFailure {
  public init(_ error: QMPError) { self.init(.refused, error.description) }
}
