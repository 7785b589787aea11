import Documents
import HostModel

/// A function's driver and what keeps it there.
public struct Binding: Sendable, Hashable {
  /// Nil is no driver.
  public var driver: String?
  public var override: String?
  /// The kernel is to choose: nothing tells which driver that will be.
  public var isKernelsChoice: Bool
  /// By the driver's `new_id`, for kernels without `driver_override`.
  public var isByNewID: Bool

  public init(
    driver: String?, override: String?, isKernelsChoice: Bool = false, isByNewID: Bool = false
  ) {
    self.driver = driver
    self.override = override
    self.isKernelsChoice = isKernelsChoice
    self.isByNewID = isByNewID
  }

  public init(of function: PCIFunction) {
    self.init(driver: function.driver, override: function.driverOverride)
  }

  /// Whether a function bound so is bound as this asks.
  public func isMet(by actual: Binding) -> Bool {
    guard actual.override == override else { return false }
    return isKernelsChoice ? !Drivers.isPassthrough(actual.driver) : actual.driver == driver
  }
}

extension Binding {
  /// An override that only repeats the driver is as good as none where it was not asked for: libvirt sets one with a
  /// guest's device, and clears it.
  func isAsGood(as other: Binding) -> Bool {
    func plain(_ binding: Binding) -> Binding {
      var binding = binding
      if binding.override == other.driver { binding.override = nil }
      return binding
    }
    return plain(self).isMet(by: plain(other))
  }
}

extension Binding: CustomStringConvertible {
  public var description: String {
    let name = isKernelsChoice ? "the kernel's choice" : driver ?? "no driver"
    if isByNewID { return "\(name) (by new_id)" }
    guard let override, override != driver else { return name }
    return "\(name) (override \(override))"
  }
}

extension Binding {
  static let form = Form<Binding>.record(
    "Binding", "A function's driver, and its override.",
    Field("driver", \.driver, optional: .fileName("a driver's name"), "Left out: no driver."),
    Field(
      "override", \.override, optional: .fileName("a driver's name"), "Its driver_override, where it has one."
    ),
    Field(
      "kernelsChoice", \.isKernelsChoice, .boolean, default: false, "Whichever driver the kernel chooses."),
    Field(
      "byNewID", \.isByNewID, .boolean, default: false,
      "By the driver's new_id, for kernels without driver_override."),
    make: { driver, override, isKernelsChoice, isByNewID in
      Binding(driver: driver, override: override, isKernelsChoice: isKernelsChoice, isByNewID: isByNewID)
    })
}
