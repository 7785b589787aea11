import Documents
import HostModel
import Manifests
import Planning

// Short constructors of hosts and manifests. A PCI address needs no domain: "03:00.0". Wrong input
// is an error in the test itself, which fatalError reports in optimised builds too;
// preconditionFailure does not.

public func pci(_ text: String) -> PCIAddress {
  guard let address = PCIAddress(typed: text) else { fatalError("not a PCI address: \(text)") }
  return address
}

public func mac(_ text: String) -> MACAddress {
  guard let address = MACAddress(text) else { fatalError("not a MAC address: \(text)") }
  return address
}

/// The fixture's MAC address of the NIC at an address.
public func mac(of address: PCIAddress) -> MACAddress {
  let octets = [UInt32(address.bus), UInt32(address.device), UInt32(address.function)]
  return mac("90:e2:ba" + octets.map { ":" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
}

/// An Intel 82576 port. On igb it has an interface; on another driver its MAC address and interface
/// name are only remembered.
public func nic(
  _ short: String, driver: String? = "igb", override: String? = nil, group: Int? = nil,
  uses: Observed<[HostUse]> = .known([]), holders: Observed<[Holder]> = .known([]),
  change: (inout PCIFunction) -> Void = { _ in }
) -> PCIFunction {
  let address = pci(short)
  let interface = "eth\(address.bus)\(address.function)"
  var function = PCIFunction(
    address: address, id: PCIID(vendor: 0x8086, device: 0x10c9), deviceClass: PCIClass(0x020000),
    driver: driver, driverOverride: override, nativeDriver: "igb",
    iommuGroup: group ?? 100 + Int(address.bus) * 8 + Int(address.function),
    path: "pci0000:00/0000:00:07.0/\(address)", holders: holders)
  if driver == "igb" {
    let permanent = mac(of: address)
    function.interfaces = [
      NetworkInterface(name: interface, mac: permanent, permanentMAC: permanent, isUp: false, uses: uses)
    ]
  } else {
    function.remembered = RememberedIdentity(mac: mac(of: address), interface: interface, driver: "igb")
  }
  change(&function)
  return function
}

/// A device that is not a NIC, for the IOMMU group of a NIC.
public func device(_ short: String, class code: UInt32, driver: String?, group: Int) -> PCIFunction {
  PCIFunction(
    address: pci(short), id: PCIID(vendor: 0x8086, device: 0x1533), deviceClass: PCIClass(code),
    driver: driver,
    nativeDriver: driver, iommuGroup: group)
}

/// A process that has a function open.
public let qemu = Holder(process: 4711, command: "qemu-system-x86")

/// The hostdev that pcipass adds to a libvirt guest for its NIC `name`.
public func marked(
  _ short: String, _ name: String, managed: Bool = true, at guestAddress: String? = nil
) -> Hostdev {
  Hostdev(
    address: pci(short), alias: "ua-pcipass-\(name)", isManaged: managed, guestAddress: guestAddress.map(pci))
}

/// A hostdev that another program added.
public func foreign(_ short: String) -> Hostdev {
  Hostdev(address: pci(short), alias: "hostdev0", isManaged: true)
}

/// A libvirt domain that is shut off.
public func off(_ name: String, _ persistent: [Hostdev] = []) -> GuestState {
  GuestState(name: name, run: .shutoff, persistent: persistent, live: nil)
}

/// A running libvirt domain. Without `live` it has the devices of its definition.
public func running(_ name: String, _ persistent: [Hostdev] = [], live: [Hostdev]? = nil) -> GuestState {
  GuestState(name: name, run: .running, persistent: persistent, live: live ?? persistent)
}

/// A QEMU without libvirt, with a free port on each of these buses.
public func runningQEMU(
  _ socket: String, _ live: [Hostdev] = [], buses: [String] = ["port1", "port2"],
  models: [String] = ["vfio-pci"]
) -> GuestState {
  GuestState(
    name: socket, run: .running, persistent: nil, live: live, freePorts: buses.count,
    buses: buses.map { GuestState.Bus(name: $0, free: 1) }, models: models)
}

/// A host named hv01 with these functions and guests.
public func state(
  _ functions: [PCIFunction], libvirt: [GuestState] = [], qemu: [GuestState] = [],
  drivers: Observed<[String]> = .known(["igb", "pci-stub", "pcieport", "vfio-pci"]),
  change: (inout HostState) -> Void = { _ in }
) -> HostState {
  var state = HostState(
    host: "hv01",
    kernel: Kernel(
      release: "6.12", commandLine: .known("quiet intel_iommu=on"), processor: .intel, drivers: drivers,
      modules: .known([]), bootLoaderFiles: ["/etc/default/grub"]),
    functions: functions, libvirt: .known(libvirt), qemu: .known(qemu))
  change(&state)
  return state
}

/// A Host manifest for hv01, with one entry of `nics` in each line.
///
/// - Parameter driver: `spec.driver`; nil to leave it out.
public func host(_ nics: String, driver: String? = "vfio-pci") -> String {
  manifest("Host", "hv01", "{\(driver.map { "driver: \($0), " } ?? "")nics: [\(joined(nics))]}")
}

/// A Guest manifest on hv01, with one entry of `nics` in each line.
public func guest(_ name: String, _ nics: String = "", _ manager: String = "libvirt: {}") -> String {
  manifest("Guest", name, "{host: hv01, \(manager), nics: [\(joined(nics))]}")
}

private func manifest(_ kind: String, _ name: String, _ spec: String) -> String {
  "---\napiVersion: pcipass/v1\nkind: \(kind)\nmetadata: {name: \(name)}\nspec: \(spec)\n"
}

/// Each line is an entry in YAML flow style without its braces.
private func joined(_ lines: String) -> String {
  lines.split(separator: "\n").map { "{\($0)}" }.joined(separator: ", ")
}

/// The request of these manifests for hv01. Manifests with errors end the test run.
public func request(
  _ manifests: String..., targets: [Target] = [], prune: Bool = false,
  file: StaticString = #filePath, line: UInt = #line
) -> Request {
  request(of: manifests.joined(), targets: targets, prune: prune, file: file, line: line)
}

/// The plan of these manifests for hv01.
public func plan(
  _ manifests: String..., on state: HostState, targets: [Target] = [], prune: Bool = false,
  pruneCount: Int? = nil,
  file: StaticString = #filePath, line: UInt = #line
) -> Plan {
  var request = request(of: manifests.joined(), targets: targets, prune: prune, file: file, line: line)
  request.pruneCount = pruneCount
  return Planner.plan(request, on: state)
}

private func request(
  of manifests: String, targets: [Target], prune: Bool, file: StaticString, line: UInt
) -> Request {
  let loader = Loader.load(Source(name: "t.yaml", text: manifests))
  let errors = loader.diagnostics
  guard !errors.hasErrors else {
    fatalError("manifests with errors: \(errors.map(\.message))", file: file, line: line)
  }
  guard let host = loader.fleet.hosts.first else {
    fatalError("manifests without a Host", file: file, line: line)
  }
  return Request(host: host, guests: loader.fleet.guests(of: host), targets: targets, prune: prune)
}

extension Plan {
  public var ids: [String] { steps.map(\.id) }
  public var codes: [Refusal.Code] { refusals.map(\.code) }

  public func step(_ id: String) -> Step? { steps.first { $0.id == id } }

  /// The drivers in a NIC's bind step, as `FROM → TO`.
  public func binding(_ short: String) -> String? {
    guard case .bind(let step) = self.step("bind/0000:\(short)")?.action else { return nil }
    func text(_ binding: Binding) -> String {
      let driver = binding.isChosenByKernel ? "the kernel's choice" : binding.driver ?? "no driver"
      if binding.isByNewID { return "\(driver) (by new_id)" }
      return binding.override == nil || binding.override == binding.driver
        ? driver : "\(driver) (override \(binding.override ?? ""))"
    }
    return "\(text(step.from)) → \(text(step.to))"
  }

  /// The guard results that the manifest allows, with their reasons.
  public var allowances: [String] {
    guards.filter { $0.verdict == .allowed }.map {
      "\($0.which.rawValue): \($0.found.joined(separator: "; ")), because: \($0.because ?? "")"
    }
  }

  /// The code and message of each notice.
  public var remarks: [String] { notices.map { "\($0.code): \($0.message)" } }
}

extension Step {
  /// The hostdev that it adds, removes or edits.
  public var hostdev: Hostdev? { action.changedDevice?.hostdev }
}

extension Plan {
  /// The steps that a step waits for, directly or through others.
  public func before(_ id: String) -> Set<String> {
    var result: Set<String> = []
    var open = step(id)?.after ?? []
    while let next = open.popLast() {
      if result.insert(next).inserted { open += step(next)?.after ?? [] }
    }
    return result
  }
}

/// The plan after it was encoded as JSON and decoded again.
public func roundTrip(_ plan: Plan) throws -> Plan {
  let source = Source(name: "p.json", text: Plan.form.encode(plan).text)
  return try Plan.form.value(of: try JSONReader.document(of: source), from: source)
}
