import Documents
import HostModel

/// The driver of a function, and its `driver_override`.
public struct Binding: Sendable, Hashable {
  /// The name of the driver; `nil` if there is none.
  public var driver: String?
  /// The `driver_override`; `nil` if none is set.
  public var override: String?
  /// Whether the kernel chooses the driver, because it is not known which native driver the function has.
  public var isChosenByKernel: Bool
  /// Whether the function is bound by the `new_id` of the driver, for kernels without `driver_override`
  /// (before 3.16).
  public var isByNewID: Bool

  public init(
    driver: String?, override: String?, isChosenByKernel: Bool = false, isByNewID: Bool = false
  ) {
    self.driver = driver
    self.override = override
    self.isChosenByKernel = isChosenByKernel
    self.isByNewID = isByNewID
  }

  /// The observed binding of a function.
  public init(of function: PCIFunction) {
    self.init(driver: function.driver, override: function.driverOverride)
  }

  /// Whether a function with the binding `actual` is bound as this binding requires.
  public func isMet(by actual: Binding) -> Bool {
    guard actual.override == override else { return false }
    return isChosenByKernel ? !Drivers.isPassthrough(actual.driver) : actual.driver == driver
  }
}

extension Binding {
  /// Whether a function with the binding `other` is bound as this one requires, if an override that
  /// only repeats its driver is ignored: libvirt sets such an override while a guest has the
  /// device, and clears it afterwards.
  func isEquivalent(to other: Binding) -> Bool {
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
    let name = isChosenByKernel ? "the kernel's choice" : driver ?? "no driver"
    if isByNewID { return "\(name) (by new_id)" }
    guard let override, override != driver else { return name }
    return "\(name) (override \(override))"
  }
}

extension Binding {
  static let form = Form<Binding>.record(
    "Binding", "The driver of a function, and its driver_override.",
    Field(
      "driver", \.driver, optional: .fileName("the name of a driver"), "The driver. Not given: no driver."),
    Field(
      "override", \.override, optional: .fileName("the name of a driver"),
      "The driver_override, where one is set."
    ),
    Field(
      "kernelsChoice", \.isChosenByKernel, .boolean, default: false, "Whether the kernel chooses the driver."),
    Field(
      "byNewID", \.isByNewID, .boolean, default: false,
      "Whether it is bound by the new_id of the driver, for kernels without driver_override."),
    make: { driver, override, isChosenByKernel, isByNewID in
      Binding(driver: driver, override: override, isChosenByKernel: isChosenByKernel, isByNewID: isByNewID)
    })
}
