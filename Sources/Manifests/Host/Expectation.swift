import Documents
import HostModel

/// The hardware that a NIC or each member of a pool must be. At least one property is given.
public struct Expectation: Sendable, Equatable {
  public var id: PCIID?
  public var vendor: PCIIDHalf?
  public var device: PCIIDHalf?
  /// The native driver.
  public var driver: String?
  /// The number of members; for pools only.
  public var count: Int?

  public init(
    id: PCIID? = nil, vendor: PCIIDHalf? = nil, device: PCIIDHalf? = nil, driver: String? = nil,
    count: Int? = nil
  ) {
    self.id = id
    self.vendor = vendor
    self.device = device
    self.driver = driver
    self.count = count
  }

  /// What each member must be; nil if only their number is given.
  public var ofMember: Expectation? {
    var member = self
    member.count = nil
    return member == Expectation() ? nil : member
  }
}

extension Expectation {
  /// What a NIC must be.
  static let form = Form<Expectation>.record(
    "Expectation", "What the hardware must be; a plan is refused if the hardware differs.",
    id, vendor, device, driver, rules: [.some(["id", "vendor", "device", "driver"])],
    make: { Expectation(id: $0, vendor: $1, device: $2, driver: $3) })

  /// What a pool and each of its members must be.
  static let formOfPool = Form<Expectation>.record(
    "PoolExpectation", "What the members must be, and how many; the pool is refused if they differ.",
    count(""), id, vendor, device, driver,
    rules: [.some(["count", "id", "vendor", "device", "driver"])],
    make: { Expectation(id: $1, vendor: $2, device: $3, driver: $4, count: $0) })

  /// The same in a HostClass, where the number is required.
  static let formOfClassPool = Form<Expectation>.record(
    "ClassPoolExpectation",
    "What the members must be, and how many; on a host where they differ, the pool is refused.",
    count(" A HostClass requires it."), id, vendor, device, driver, rules: [.some(["count"])],
    make: { Expectation(id: $1, vendor: $2, device: $3, driver: $4, count: $0) })

  private static func count(_ more: String) -> Field<Expectation, Int?> {
    Field("count", \.count, optional: .integer(1...4096), "The number of members." + more)
  }

  private static let id = Field<Expectation, PCIID?>(
    "id", \.id, optional: PCIID.form, "Vendor and device id, as `lspci -n` prints them.")
  private static let vendor = Field<Expectation, PCIIDHalf?>(
    "vendor", \.vendor, optional: PCIIDHalf.form, "Vendor id, hexadecimal with or without 0x.")
  private static let device = Field<Expectation, PCIIDHalf?>(
    "device", \.device, optional: PCIIDHalf.form, "Device id, hexadecimal with or without 0x.")
  private static let driver = Field<Expectation, String?>(
    "driver", \.driver, optional: .fileName("a driver name"), "The native driver.")
}
