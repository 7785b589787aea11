import Documents

/// The behaviour of a simulated host that its state does not describe.
public struct Simulation: Sendable, Equatable {
  /// How a guest answers a request to release a device: at once, after the deadline, or never. Guests that
  /// are not listed answer at once.
  public enum Unplug: String, CaseIterable, Sendable { case answers, late, never }

  /// What a fault does to a step.
  public enum FaultEffect: String, CaseIterable, Sendable {
    /// The first write fails, fails as busy, or does not return.
    case refused, busy, hang
    /// The write succeeds without an effect, as a probe does when no driver accepts the device.
    case ignored
    /// The step needs additional time.
    case slow
    /// pcipass is killed within the step.
    case killed
  }

  /// A fault at one step of a plan.
  public struct Fault: Sendable, Equatable {
    /// The id of the step, as the JSON of a plan shows it.
    public var step: String
    public var effect: FaultEffect
    /// For `killed`: the number of the step's writes that succeed before pcipass is killed. Where the step
    /// has fewer, pcipass is killed after the last one.
    public var writes: Int
    /// For `slow`: the additional time of the step in seconds.
    public var seconds: Int

    public init(step: String, effect: FaultEffect, writes: Int = 0, seconds: Int = 0) {
      self.step = step
      self.effect = effect
      self.writes = writes
      self.seconds = seconds
    }

    static let form = Form<Fault>.record(
      "Fault", "A fault of a step.",
      Field("step", \.step, .freeText, "The id of the step, as the JSON of a plan shows it."),
      Field("effect", \.effect, .choice("the effect of a fault"), "The effect."),
      Field(
        "writes", \.writes, .integer(0...1000), default: 0,
        "For killed: how many writes of the step complete before."),
      Field("seconds", \.seconds, .integer(0...3600), default: 0, "For slow: how long the step takes."),
      make: Fault.init)
  }

  /// The answers of guests to an unplug, by the name of the guest.
  public var unplug: [String: Unplug]
  public var faults: [Fault]
  /// The functions that libvirt bound for a running guest, by address, with the driver that libvirt restores.
  public var managedFrom: [String: String]
  /// The devices with an unplug request that the guest answers late, by the name of the guest. They
  /// are removed when the simulated host is opened the next time.
  public var leaving: [String: [PCIAddress]]
  /// The native driver of new VFs.
  public var virtualDriver: String?
  /// The settings that libvirt found on VFs assigned as interfaces, by address. libvirt restores them.
  public var interfaceFrom: [String: VFSettings]
  /// The domains to which libvirt added `<boot dev='hd'/>` after their last device with a boot order was
  /// removed.
  public var bootDevices: [String]
  /// Whether the kernel lacks `driver_override`, as Linux before 3.16 does.
  public var isWithoutOverride: Bool

  public init(
    unplug: [String: Unplug] = [:], faults: [Fault] = [], managedFrom: [String: String] = [:],
    leaving: [String: [PCIAddress]] = [:], virtualDriver: String? = nil,
    interfaceFrom: [String: VFSettings] = [:], bootDevices: [String] = [], isWithoutOverride: Bool = false
  ) {
    self.unplug = unplug
    self.faults = faults
    self.managedFrom = managedFrom
    self.leaving = leaving
    self.virtualDriver = virtualDriver
    self.interfaceFrom = interfaceFrom
    self.bootDevices = bootDevices
    self.isWithoutOverride = isWithoutOverride
  }

  static let form = Form<Simulation>.record(
    "Simulation", "How a simulated host behaves.",
    Field(
      "unplug", \.unplug, .dictionary(keys: .freeText, values: .choice("an answer")), default: [:],
      "How guests answer an unplug; guests that are not listed answer at once."),
    Field("faults", \.faults, .list(of: Fault.form), default: [], "The faults."),
    Field(
      "managedFrom", \.managedFrom, .dictionary(keys: .freeText, values: .fileName("a driver name")),
      default: [:], "The functions that libvirt bound, and the driver to which it returns them."),
    Field(
      "leaving", \.leaving, .dictionary(keys: .freeText, values: .list(of: PCIAddress.form)), default: [:],
      "The devices of pending unplugs in guests that answer late; they are removed when the next command starts."
    ),
    Field(
      "virtualDriver", \.virtualDriver, optional: .fileName("a driver name"),
      "The native driver of new VFs."),
    Field(
      "interfaceFrom", \.interfaceFrom, .dictionary(keys: .freeText, values: VFSettings.form), default: [:],
      "The earlier settings of VFs that libvirt assigned as interfaces; libvirt restores them."),
    Field(
      "bootDevices", \.bootDevices, .list(of: .freeText), default: [],
      "The domains to which libvirt added <boot dev='hd'/> after their last device with a boot order was removed."
    ),
    Field(
      "withoutOverride", \.isWithoutOverride, .boolean, default: false,
      "Whether the kernel lacks driver_override, as kernels before 3.16 do."),
    make: Simulation.init)
}
