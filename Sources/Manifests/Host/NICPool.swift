import Documents
import HostModel

/// A pool: NICs of one kind that guests claim without naming one. The members are whole ports or, with
/// `virtualFunctions`, PFs whose VFs are assigned.
public struct NICPool: Sendable, Equatable {
  public var name: Located<String>
  /// The conditions that select the members: every NIC that meets them.
  public var select: Located<Selector>
  /// NICs that meet `select` and are not members.
  public var exclude: [Located<Selector>]
  /// The required hardware of each member, and their number.
  public var expect: Located<Expectation>?
  /// The passthrough driver of the members, if it differs from that of the host.
  public var driver: Located<PassthroughDriver>?
  /// Whether unclaimed members stay on the passthrough driver.
  public var reserve: Bool
  /// The VFs that each member is split into. Nil where the members are assigned whole.
  public var virtualFunctions: Located<VirtualFunctions>?
  /// The guards whose violations are allowed for the members.
  public var allow: [Allowance]
  /// The reason for `allow`; required with it.
  public var because: String?

  public init(
    name: Located<String>, select: Located<Selector>, exclude: [Located<Selector>] = [],
    expect: Located<Expectation>? = nil, driver: Located<PassthroughDriver>? = nil, reserve: Bool = false,
    virtualFunctions: Located<VirtualFunctions>? = nil, allow: [Allowance] = [], because: String? = nil
  ) {
    self.name = name
    self.select = select
    self.exclude = exclude
    self.expect = expect
    self.driver = driver
    self.reserve = reserve
    self.virtualFunctions = virtualFunctions
    self.allow = allow
    self.because = because
  }

  /// The entry of one member, as if the Host named it: `fast/0000:03:00.0`.
  public func member(_ address: PCIAddress) -> HostNIC {
    HostNIC(
      name: Located("\(name.value)/\(address)", at: name.location),
      select: Located(Selector(address: address), at: select.location),
      expect: expect.flatMap { expect in expect.value.ofMember.map { Located($0, at: expect.location) } },
      driver: driver, reserve: reserve, virtualFunctions: virtualFunctions, allow: allow, because: because)
  }
}

extension NICPool {
  /// A pool of one Host.
  static let form = form(
    "Pool", "NICs that guests claim without naming one.", expect: Expectation.formOfPool, rules: [])

  /// A pool of all hosts of a class. The number of members is required, so that a host with another number
  /// is noticed.
  static let formOfClass = form(
    "ClassPool", "NICs that guests claim without naming one, on each host of the class.",
    expect: Expectation.formOfClassPool,
    rules: [.some(["expect"], help: "a pool of a class needs the number of its members: expect: {count: N}")])

  private static func form(
    _ name: String, _ about: String, expect: Form<Expectation>, rules: [Rule]
  ) -> Form<NICPool> {
    .record(
      name, about,
      Field(
        "name", \.name, Form<String>.nicName.located,
        "The name by which guests claim a member; no NIC of the host has it."),
      Field("select", \.select, Selector.formOfPool.located, "Selects the members."),
      Field(
        "exclude", \.exclude, .list(of: Selector.formOfPool.located, upTo: 256), default: [],
        "NICs that are not members although `select` matches."),
      Field(
        "expect", \.expect, optional: expect.located,
        "How many members there are, and what each must be."),
      Field(
        "driver", \.driver, optional: PassthroughDriver.form.located,
        "The passthrough driver of the members; if not given, `spec.driver`."),
      Field(
        "reserve", \.reserve, .boolean, default: false,
        "Keep members that no guest claims on the passthrough driver."),
      Field(
        "virtualFunctions", \.virtualFunctions, optional: VirtualFunctions.form.located,
        "Split each member into VFs, which guests claim. If not given, guests claim whole members."),
      Field(
        "allow", \.allow, .list(of: Allowance.form, upTo: 8), default: [],
        "Checks whose failure is allowed for the members."),
      Field(
        "because", \.because, optional: .prose(upTo: 1000),
        "Why these failures are allowed. Required with `allow`."),
      rules: rules + [.requires("allow", "because")], make: NICPool.init)
  }
}
