import CLibvirt
import Planning

/// An error of libvirt: its number, the part of libvirt that reports it, and its message
/// (https://libvirt.org/html/libvirt-virterror.html).
public struct LibvirtError: Error, Sendable, Equatable {
  /// The number of an error: `virErrorNumber`.
  public struct ErrorCode: RawRepresentable, Hashable, Sendable {
    public let rawValue: Int

    public init(rawValue: Int) { self.rawValue = rawValue }

    public static let internalError = ErrorCode(Int(CLIBVIRT_ERROR_INTERNAL))
    public static let operationInvalid = ErrorCode(Int(CLIBVIRT_ERROR_OPERATION_INVALID))
    public static let unsupported = ErrorCode(Int(CLIBVIRT_ERROR_UNSUPPORTED))
    public static let operationFailed = ErrorCode(Int(CLIBVIRT_ERROR_OPERATION_FAILED))
    public static let noDomain = ErrorCode(Int(CLIBVIRT_ERROR_NO_DOMAIN))
    public static let noSupport = ErrorCode(Int(CLIBVIRT_ERROR_NO_SUPPORT))
    public static let noNetwork = ErrorCode(Int(CLIBVIRT_ERROR_NO_NETWORK))
    public static let deviceMissing = ErrorCode(Int(CLIBVIRT_ERROR_DEVICE_MISSING))

    private init(_ rawValue: Int) { self.rawValue = rawValue }

    /// Whether libvirt may report this error because a connection has broken.
    var mayBeLostConnection: Bool {
      [CLIBVIRT_ERROR_RPC, CLIBVIRT_ERROR_SYSTEM, CLIBVIRT_ERROR_INTERNAL, CLIBVIRT_ERROR_INVALID_CONN]
        .contains { Int($0) == rawValue }
    }
  }

  /// The part of libvirt that reports an error: `virErrorDomain`.
  public struct Domain: RawRepresentable, Hashable, Sendable {
    public let rawValue: Int

    public init(rawValue: Int) { self.rawValue = rawValue }

    public static let none = Domain(Int(CLIBVIRT_FROM_NONE))
    public static let qemu = Domain(Int(CLIBVIRT_FROM_QEMU))
    public static let domain = Domain(Int(CLIBVIRT_FROM_DOMAIN))

    private init(_ rawValue: Int) { self.rawValue = rawValue }
  }

  public var code: ErrorCode
  public var domain: Domain
  public var message: String

  public init(_ code: ErrorCode, _ domain: Domain, _ message: String) {
    self.code = code
    self.domain = domain
    self.message = message
  }
}

extension LibvirtError: CustomStringConvertible {
  public var description: String {
    "libvirt: \(message) (error \(code.rawValue), domain \(domain.rawValue))"
  }
}

/// The reason why a call to libvirt failed.
enum LibvirtFailure: Error, Sendable, Equatable {
  /// libvirt is not installed, does not run, or cannot be reached.
  case unavailable(String)
  case error(LibvirtError)
  /// The connection broke. It is unknown whether the call took effect.
  case lost(LibvirtError)
  /// libvirt has not answered in time and may still execute the call.
  case noAnswer(after: Duration)

  /// The failure in a sentence.
  var reason: String {
    switch self {
    case .unavailable(let reason): reason
    case .error(let error), .lost(let error): error.description
    case .noAnswer(let time): "libvirt did not answer within \(time.components.seconds) s"
    }
  }
}

extension HostFailure {
  /// The failure of a call that libvirt refused.
  public init(_ error: LibvirtError) { self.init(.refused, error.description) }

  /// `.refused` for an error, `.unreadable` without libvirt, `.stuck` without an answer.
  init(_ failure: LibvirtFailure) {
    switch failure {
    case .error(let error), .lost(let error): self.init(error)
    case .unavailable(let reason): self.init(.unreadable, reason)
    case .noAnswer:
      self.init(
        .stuck, failure.reason, help: "check the libvirt daemon: it may still execute the call")
    }
  }
}
