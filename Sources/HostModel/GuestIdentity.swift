import Documents

/// Which guest it is, whatever it is called.
public enum GuestIdentity: Sendable, Hashable, CustomStringConvertible {
  /// The UUID of a libvirt domain, or that which a QEMU was started with.
  case uuid(String)
  /// A QEMU without a UUID is known as a process: after a restart it is another guest.
  case process(ProcessIdentity)

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

/// A process, told from another one that has the same number later.
public struct ProcessIdentity: Sendable, Hashable, CustomStringConvertible {
  public var number: Int
  /// When it started, in clock ticks since the boot (field 22 of /proc/PID/stat).
  public var start: Int
  /// /proc/sys/kernel/random/boot_id
  public var boot: String

  public init(number: Int, start: Int, boot: String) {
    self.number = number
    self.start = start
    self.boot = boot
  }

  /// Written as `PID/START/BOOT`.
  public init?(_ text: String) {
    let parts = divided(text, at: "/").map(String.init)
    guard parts.count == 3, let number = Int(parts[0]), let start = Int(parts[1]),
      (1...Self.lastNumber).contains(number), (0...Self.lastStart).contains(start), isUUID(parts[2])
    else { return nil }
    self.init(number: number, start: start, boot: parts[2])
    // One way to write each.
    guard text == description else { return nil }
  }

  public var description: String { "\(number)/\(start)/\(boot)" }

  private static let lastNumber = 9_999_999_999
  private static let lastStart = 999_999_999_999_999_999

  public static let form = Form<ProcessIdentity>.text(
    "a process as PID/START/BOOT",
    pattern: "^[1-9][0-9]{0,9}/(0|[1-9][0-9]{0,17})/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
    parse: { ProcessIdentity($0) }, print: \.description)
}
