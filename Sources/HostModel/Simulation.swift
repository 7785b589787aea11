import Documents

/// How a simulated host behaves beyond what its state says.
public struct Simulation: Sendable, Equatable {
  /// How a guest answers when it is asked to let a device go: at once, when nobody waits any more, or never.
  /// Guests not named answer at once.
  public enum Unplug: String, CaseIterable, Sendable { case answers, late, never }

  public enum Effect: String, CaseIterable, Sendable {
    case refused, busy, hang
    /// The write succeeds and nothing happens, as a probe does when no driver takes the device.
    case ignored
    /// It takes a while.
    case slow
    /// pcipass is killed in the middle of the step.
    case killed
  }

  /// What goes wrong, and at which step of a plan.
  public struct Fault: Sendable, Equatable {
    public var step: String
    public var effect: Effect
    /// How many of the step's writes are done before pcipass is killed; behind the last one where it has fewer.
    public var writes: Int
    /// How long a slow step takes.
    public var seconds: Int

    public init(step: String, effect: Effect, writes: Int = 0, seconds: Int = 0) {
      self.step = step
      self.effect = effect
      self.writes = writes
      self.seconds = seconds
    }

    static let form = Form<Fault>.record(
      "Fault", "What goes wrong at which step.",
      Field("step", \.step, .remark, "The step's id, as a plan's JSON shows it."),
      Field("effect", \.effect, .choice("a fault's effect"), "What happens."),
      Field(
        "writes", \.writes, .integer(0...1000), default: 0,
        "For killed: how many of the step's writes are done before."),
      Field("seconds", \.seconds, .integer(0...3600), default: 0, "For slow: how long it takes."),
      make: Fault.init)
  }

  public var unplug: [String: Unplug]
  public var faults: [Fault]
  /// Functions that libvirt itself bound for a running guest, and the driver it will put them back to.
  public var managedFrom: [String: String]
  /// What guests that answer late have been asked for: it has left them when the host is looked at next.
  public var leaving: [String: [PCIAddress]]
  /// The host's driver for VFs that come.
  public var virtualDriver: String?
  /// What libvirt found set on VFs that it handed out as interfaces, and puts back.
  public var interfaceFrom: [String: VFSettings]
  /// Domains to whose definitions libvirt has added `<boot dev='hd'/>`, since their last device with a boot order left.
  public var bootDevices: [String]
  /// Its kernel has no `driver_override`, as those before 3.16.
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
    "Simulation", "How a simulated host behaves beyond what its state says.",
    Field(
      "unplug", \.unplug, .dictionary(keys: .remark, values: .choice("a way to answer")), default: [:],
      "How guests answer an unplug; the others answer at once."),
    Field("faults", \.faults, .list(of: Fault.form), default: [], "What goes wrong."),
    Field(
      "managedFrom", \.managedFrom, .dictionary(keys: .remark, values: .fileName("a driver's name")),
      default: [:], "Functions that libvirt bound itself, and the driver it puts them back to."),
    Field(
      "leaving", \.leaving, .dictionary(keys: .remark, values: .list(of: PCIAddress.form)), default: [:],
      "What guests that answer late were asked for; it leaves them when the next command begins."),
    Field(
      "virtualDriver", \.virtualDriver, optional: .fileName("a driver's name"),
      "The host's driver for VFs that come."),
    Field(
      "interfaceFrom", \.interfaceFrom, .dictionary(keys: .remark, values: VFSettings.form), default: [:],
      "What libvirt found set on VFs that it handed out as interfaces, and puts back."),
    Field(
      "bootDevices", \.bootDevices, .list(of: .remark), default: [],
      "Domains whose boot order libvirt has replaced by its own, since their last device with one left."),
    Field(
      "withoutOverride", \.isWithoutOverride, .boolean, default: false,
      "Its kernel has no driver_override, as those before 3.16."),
    make: Simulation.init)
}
