import Documents

/// The identity of a guest, which does not depend on its name.
public enum GuestIdentity: Sendable, Hashable, CustomStringConvertible {
  /// The UUID of a libvirt domain, or the one that a QEMU process was started with.
  case uuid(String)
  /// The process of a QEMU without a UUID. After a restart it is another guest.
  case process(ProcessIdentity)

  /// Uses the UUID if there is one, otherwise the process; nil if there is neither.
  public init?(uuid: String?, process: ProcessIdentity?) {
    guard let identity = uuid.map(GuestIdentity.uuid) ?? process.map(GuestIdentity.process) else {
      return nil
    }
    self = identity
  }

  public var description: String {
    switch self {
    case .uuid(let uuid): "the guest with the UUID \(uuid)"
    case .process(let process):
      "process \(process.number) (started \(process.start) ticks after boot \(process.boot))"
    }
  }
}

/// The identity of a process, which distinguishes it from a later process of the same number.
public struct ProcessIdentity: Sendable, Hashable, CustomStringConvertible {
  /// The process id.
  public var number: Int
  /// The start time in clock ticks since the boot (proc(5), field 22 of /proc/PID/stat).
  public var start: Int
  /// The id of the boot (/proc/sys/kernel/random/boot_id).
  public var boot: String

  public init(number: Int, start: Int, boot: String) {
    self.number = number
    self.start = start
    self.boot = boot
  }

  /// Parses `PID/START/BOOT`; nil for any other text.
  public init?(_ text: String) {
    let parts = divided(text, at: "/").map(String.init)
    guard parts.count == 3, let number = Int(parts[0]), let start = Int(parts[1]),
      (1...Self.lastNumber).contains(number), (0...Self.lastStart).contains(start), isUUID(parts[2])
    else { return nil }
    self.init(number: number, start: start, boot: parts[2])
    // Leading zeros and signs are refused, so that equal identities have equal texts.
    guard text == description else { return nil }
  }

  public var description: String { "\(number)/\(start)/\(boot)" }

  private static let lastNumber = 9_999_999_999
  private static let lastStart = 999_999_999_999_999_999

  /// The identity as `PID/START/BOOT`.
  public static let form = Form<ProcessIdentity>.text(
    "a process as PID/START/BOOT",
    pattern: "^[1-9][0-9]{0,9}/(0|[1-9][0-9]{0,17})/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
    parse: { ProcessIdentity($0) }, print: \.description)
}
