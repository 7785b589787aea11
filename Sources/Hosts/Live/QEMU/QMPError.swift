/// An error of QEMU: its class and its message
/// (https://www.qemu.org/docs/master/interop/qemu-qmp-ref.html).
public struct QMPError: Error, Sendable, Equatable {
  /// The classes are stable; messages change from version to version.
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

  /// The name of the class in QMP.
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
  /// The failure of a command that QEMU refused.
  public init(_ error: QMPError) { self.init(.refused, error.description) }
}
