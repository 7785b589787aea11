/// A process that locks the memory of guests, or that raises the limit for such processes.
public struct MemoryLocker: Sendable, Equatable {
  /// The libvirt daemon, a QEMU that libvirt started, or another QEMU.
  public enum Kind: Sendable { case daemon, libvirtGuest, guest }

  public var process: Int
  public var command: String
  public var kind: Kind
  /// The limit of locked memory in bytes (RLIMIT_MEMLOCK); nil means unlimited.
  public var limit: Int?
  /// The resident memory in bytes (VmRSS).
  public var resident: Int?
  /// Whether the limit does not apply to the process (CAP_IPC_LOCK).
  public var isExempt: Bool
  /// Whether the process may raise limits (CAP_SYS_RESOURCE).
  public var canRaiseLimit: Bool

  public init(
    process: Int, command: String, kind: Kind, limit: Int?, resident: Int?, isExempt: Bool,
    canRaiseLimit: Bool
  ) {
    self.process = process
    self.command = command
    self.kind = kind
    self.limit = limit
    self.resident = resident
    self.isExempt = isExempt
    self.canRaiseLimit = canRaiseLimit
  }
}

/// The libvirt daemon, as read over a connection.
public struct LibvirtService: Sendable, Equatable {
  /// The URI of the connection.
  public var uri: String?
  public var version: VersionNumber?
  /// The version of the QEMU that libvirt starts guests with.
  public var qemu: VersionNumber?
  /// Whether libvirt grants this user a read-only connection only.
  public var isReadOnly: Bool

  public init(uri: String?, version: VersionNumber?, qemu: VersionNumber?, isReadOnly: Bool = false) {
    self.uri = uri
    self.version = version
    self.qemu = qemu
    self.isReadOnly = isReadOnly
  }
}

/// An installed QEMU.
public struct Emulator: Sendable, Equatable {
  public var path: String
  public var version: Observed<VersionNumber>

  public init(path: String, version: Observed<VersionNumber>) {
    self.path = path
    self.version = version
  }
}

/// A version of a program: `11.3.0`.
public struct VersionNumber: Sendable, Hashable, Comparable, CustomStringConvertible {
  public var major: Int
  public var minor: Int
  public var patch: Int

  public init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
    self.major = major
    self.minor = minor
    self.patch = patch
  }

  /// Parses the version at the start of a text, such as `6.12.117+deb13-amd64`. Nil without a major and a
  /// minor number.
  public init?(_ text: some StringProtocol) {
    var numbers: [Int] = []
    var rest = Substring(text).utf8[...]
    while numbers.count < 3 {
      let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      guard (1...9).contains(digits.count), let number = Int(Substring(digits)) else { break }
      numbers.append(number)
      rest = rest.dropFirst(digits.count)
      guard rest.first == UInt8(ascii: ".") else { break }
      rest = rest.dropFirst()
    }
    guard numbers.count >= 2 else { return nil }
    self.init(numbers[0], numbers[1], numbers.count > 2 ? numbers[2] : 0)
  }

  /// Decodes a version as libvirt encodes it: major × 1,000,000 + minor × 1,000 + release
  /// (virConnectGetLibVersion).
  public init(libvirt number: UInt) {
    self.init(Int(number / 1_000_000), Int(number / 1000 % 1000), Int(number % 1000))
  }

  public static func < (one: VersionNumber, other: VersionNumber) -> Bool {
    (one.major, one.minor, one.patch) < (other.major, other.minor, other.patch)
  }

  public var description: String { "\(major).\(minor).\(patch)" }
}
