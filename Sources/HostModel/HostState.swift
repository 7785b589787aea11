import Documents

/// The observed state of one host: what the kernel, libvirt and QEMU report. It is pure data. `pcipass
/// snapshot` writes it as JSON, and a plan can be made from that file on another machine.
public struct HostState: Sendable, Equatable {
  /// The `apiVersion` of snapshots.
  public static let version = "pcipass/v1"

  /// The hostname. It selects the manifests; `machine` identifies the host.
  public var host: String
  /// The identity of the machine (`MachineID`), which does not depend on its name. Nil if it is
  /// unknown.
  public var machine: String?
  public var kernel: Kernel
  /// All PCI functions, sorted by address.
  public var functions: [PCIFunction]
  /// The libvirt domains.
  public var libvirt: Observed<[GuestState]>
  /// The QEMU processes that run without libvirt.
  public var qemu: Observed<[GuestState]>
  /// The libvirt networks that assign VFs by themselves; nil if an older snapshot does not record
  /// them.
  public var networks: Observed<[HostdevNetwork]>?
  /// Warnings about parts that could not be read or understood. The other properties do not contain those
  /// parts.
  public var unreadable: [String]
  /// What pcipass assigned to claims of pools. Nil if nothing was recorded yet, or an older snapshot does not
  /// contain it.
  public var assignments: Observed<[RememberedAssignment]>?
  /// The behaviour of a simulated host; nil for a real one.
  public var simulation: Simulation?

  public init(
    host: String, machine: String? = nil, kernel: Kernel, functions: [PCIFunction],
    libvirt: Observed<[GuestState]>, qemu: Observed<[GuestState]>, unreadable: [String] = [],
    simulation: Simulation? = nil, networks: Observed<[HostdevNetwork]>? = nil,
    assignments: Observed<[RememberedAssignment]>? = nil
  ) {
    self.host = host
    self.machine = machine
    self.kernel = kernel
    self.functions = functions
    self.libvirt = libvirt
    self.qemu = qemu
    self.unreadable = unreadable
    self.simulation = simulation
    self.networks = networks
    self.assignments = assignments
  }

  /// The function at an address; nil if there is none.
  public subscript(address: PCIAddress) -> PCIFunction? {
    functions.first { $0.address == address }
  }

  /// The form of a snapshot (`kind: HostState`).
  public static let form = Form<HostState>.record(
    "HostState", "A host as pcipass observed it.",
    Field(
      "apiVersion", { _ in version }, .constant(version, "a supported version"),
      "The version of this format."),
    Field(
      "kind", { _ in "HostState" }, .constant("HostState", "the kind of a snapshot"), "What this document is."
    ),
    Field("host", \.host, .hostName, "The name of the host."),
    Field("machine", \.machine, optional: MachineID.form, MachineID.summary),
    Field("kernel", \.kernel, Kernel.form, "The running kernel."),
    Field("functions", \.functions, .list(of: PCIFunction.form), "All PCI functions, by address."),
    Field(
      "libvirt", \.libvirt, Form<[GuestState]>.list(of: GuestState.form).observed, "The libvirt domains."),
    Field(
      "qemu", \.qemu, Form<[GuestState]>.list(of: GuestState.form).observed,
      "QEMU processes that run without libvirt."),
    Field(
      "unreadable", \.unreadable, .list(of: .freeText), default: [],
      "What pcipass found and could not read."),
    Field("simulation", \.simulation, optional: Simulation.form, "How a simulated host behaves."),
    Field(
      "networks", \.networks, optional: Form<[HostdevNetwork]>.list(of: HostdevNetwork.form).observed,
      "The libvirt networks that assign VFs to guests (forward mode hostdev)."),
    Field(
      "assignments", \.assignments,
      optional: Form<[RememberedAssignment]>.list(of: RememberedAssignment.form).observed,
      "What pcipass assigned to claims of pools, for guests that show no mark."),
    make: {
      _, _, host, machine, kernel, functions, libvirt, qemu, unreadable, simulation, networks, assignments in
      HostState(
        host: host, machine: machine, kernel: kernel, functions: functions, libvirt: libvirt, qemu: qemu,
        unreadable: unreadable, simulation: simulation, networks: networks, assignments: assignments)
    })
}

extension Form<String> {
  /// A name of a machine or of a guest: letters, digits, `.`, `_` and `-`, at most 253 characters,
  /// which is the limit of a DNS name.
  public static let hostName = Form.text(
    "a name of letters, digits, '.', '_' and '-'", pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$",
    integers: 0...Int.max, parse: { isName($0, "._-", upTo: 253) ? $0 : nil }, print: { $0 })

  /// A name of a NIC. It becomes part of an alias in libvirt and of a device id in QEMU.
  public static let nicName = Form.text(
    "a NIC name of at most 32 letters, digits, '_' and '-'", pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$",
    integers: 0...Int.max, parse: { isName($0, "_-", upTo: 32) ? $0 : nil }, print: { $0 })
}

/// Whether the text starts with an ASCII letter or digit and otherwise contains only those and the characters
/// of `others`.
///
/// - Parameter length: the largest number of bytes.
public func isName(_ text: some StringProtocol, _ others: String, upTo length: Int) -> Bool {
  guard let first = text.utf8.first, isAlphanumeric(first), text.utf8.count <= length else { return false }
  return text.utf8.allSatisfy { isAlphanumeric($0) || others.utf8.contains($0) }
}

/// Whether the byte is an ASCII letter or digit.
public func isAlphanumeric(_ byte: UInt8) -> Bool {
  byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 26
}
