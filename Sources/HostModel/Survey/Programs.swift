/// A process that pins guests' memory, or raises the limit of those that do.
public struct MemoryLocker: Sendable, Equatable {
  public enum Kind: Sendable { case daemon, libvirtGuest, guest }

  public var process: Int
  public var command: String
  public var kind: Kind
  /// How many bytes it may lock; nil is any number.
  public var limit: Int?
  /// How many bytes of memory it has now.
  public var resident: Int?
  /// It is not bound by the limit (CAP_IPC_LOCK).
  public var isExempt: Bool
  /// It may raise limits (CAP_SYS_RESOURCE).
  public var mayRaise: Bool

  public init(
    process: Int, command: String, kind: Kind, limit: Int?, resident: Int?, isExempt: Bool, mayRaise: Bool
  ) {
    self.process = process
    self.command = command
    self.kind = kind
    self.limit = limit
    self.resident = resident
    self.isExempt = isExempt
    self.mayRaise = mayRaise
  }
}

/// libvirt's daemon, as it answers.
public struct LibvirtService: Sendable, Equatable {
  public var uri: String?
  public var version: VersionNumber?
  /// The QEMU that it starts guests with.
  public var qemu: VersionNumber?
  /// It lets this user look only.
  public var isReadOnly: Bool

  public init(uri: String?, version: VersionNumber?, qemu: VersionNumber?, isReadOnly: Bool = false) {
    self.uri = uri
    self.version = version
    self.qemu = qemu
    self.isReadOnly = isReadOnly
  }
}

/// A QEMU that is installed.
public struct Emulator: Sendable, Equatable {
  public var path: String
  public var version: Observed<VersionNumber>

  public init(path: String, version: Observed<VersionNumber>) {
    self.path = path
    self.version = version
  }
}

/// A program's number: `11.3.0`.
public struct VersionNumber: Sendable, Hashable, Comparable, CustomStringConvertible {
  public var major: Int
  public var minor: Int
  public var patch: Int

  public init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
    self.major = major
    self.minor = minor
    self.patch = patch
  }

  /// The number that a text begins with: `6.12.117+deb13-amd64`.
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

  /// As libvirt counts: a million for each major number, a thousand for each minor one.
  public init(libvirt number: UInt) {
    self.init(Int(number / 1_000_000), Int(number / 1000 % 1000), Int(number % 1000))
  }

  public static func < (one: VersionNumber, other: VersionNumber) -> Bool {
    (one.major, one.minor, one.patch) < (other.major, other.minor, other.patch)
  }

  public var description: String { "\(major).\(minor).\(patch)" }
}
