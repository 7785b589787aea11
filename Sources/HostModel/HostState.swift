import Documents

/// A host as observed: what the kernel, libvirt and QEMU say of it. Pure data; `pcipass snapshot` writes
/// it and plans can be made from it anywhere.
public struct HostState: Sendable, Equatable {
  public static let version = "pcipass/v1"

  public var host: String
  /// Which machine it is, whatever it is called: `MachineID`. Nil where that is not known.
  public var machine: String?
  public var kernel: Kernel
  public var functions: [PCIFunction]
  public var libvirt: Observed<[GuestState]>
  public var qemu: Observed<[GuestState]>
  /// The libvirt networks that assign VFs themselves; nil where they were not recorded.
  public var networks: Observed<[HostdevNetwork]>?
  /// What was found and could not be understood; it is left out of the rest.
  public var unreadable: [String]
  /// How a simulated host behaves; a real one has none.
  public var simulation: Simulation?

  public init(
    host: String, machine: String? = nil, kernel: Kernel, functions: [PCIFunction],
    libvirt: Observed<[GuestState]>, qemu: Observed<[GuestState]>, unreadable: [String] = [],
    simulation: Simulation? = nil, networks: Observed<[HostdevNetwork]>? = nil
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
  }

  public subscript(address: PCIAddress) -> PCIFunction? {
    functions.first { $0.address == address }
  }

  public static let form = Form<HostState>.record(
    "HostState", "A host as pcipass observed it.",
    Field(
      "apiVersion", { _ in version }, .constant(version, "a version that this pcipass reads"),
      "The version of this format."),
    Field("kind", { _ in "HostState" }, .constant("HostState", "a host's state"), "What this document is."),
    Field("host", \.host, .hostName, "The host's name."),
    Field("machine", \.machine, optional: MachineID.form, MachineID.summary),
    Field("kernel", \.kernel, Kernel.form, "The running kernel."),
    Field("functions", \.functions, .list(of: PCIFunction.form), "All PCI functions, by address."),
    Field("libvirt", \.libvirt, Form<[GuestState]>.list(of: GuestState.form).observed, "libvirt's domains."),
    Field(
      "qemu", \.qemu, Form<[GuestState]>.list(of: GuestState.form).observed,
      "QEMU processes that run without libvirt."),
    Field(
      "unreadable", \.unreadable, .list(of: .remark), default: [],
      "What was found and could not be understood."),
    Field("simulation", \.simulation, optional: Simulation.form, "How a simulated host behaves."),
    Field(
      "networks", \.networks, optional: Form<[HostdevNetwork]>.list(of: HostdevNetwork.form).observed,
      "The libvirt networks that assign VFs to guests by themselves (forward mode hostdev)."),
    make: {
      _, _, host, machine, kernel, functions, libvirt, qemu, unreadable, simulation, networks in
      HostState(
        host: host, machine: machine, kernel: kernel, functions: functions, libvirt: libvirt, qemu: qemu,
        unreadable: unreadable, simulation: simulation, networks: networks)
    })
}

extension Form<String> {
  /// What machines and guests may be called: letters, digits, `.`, `_` and `-`, at most 253.
  public static let hostName = Form.text(
    "a name of letters, digits, '.', '_' and '-'", pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$",
    integers: 0...Int.max, parse: { isName($0, "._-", upTo: 253) ? $0 : nil }, print: { $0 })

  /// What a NIC may be called: it becomes part of a libvirt alias and of a QEMU id.
  public static let nicName = Form.text(
    "a NIC's name: letters, digits, '_' and '-', at most 32", pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$",
    integers: 0...Int.max, parse: { isName($0, "_-", upTo: 32) ? $0 : nil }, print: { $0 })
}

public func isName(_ text: some StringProtocol, _ others: String, upTo length: Int) -> Bool {
  guard let first = text.utf8.first, isAlphanumeric(first), text.utf8.count <= length else { return false }
  return text.utf8.allSatisfy { isAlphanumeric($0) || others.utf8.contains($0) }
}

public func isAlphanumeric(_ byte: UInt8) -> Bool {
  byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 26
}
