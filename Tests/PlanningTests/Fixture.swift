import Documents
import HostModel
import Manifests
import Planning
import Testing

// Hosts and manifests in a few words. A function is written as bus, device and function: "03:00.0".

func pci(_ short: String) -> PCIAddress {
  guard let address = PCIAddress("0000:" + short) else { preconditionFailure("no address: \(short)") }
  return address
}

func mac(_ text: String) -> MACAddress {
  guard let address = MACAddress(text) else { preconditionFailure("no MAC address: \(text)") }
  return address
}

/// The MAC address that the fixture gives the NIC at an address.
func mac(of address: PCIAddress) -> MACAddress {
  let octets = [UInt32(address.bus), UInt32(address.device), UInt32(address.function)]
  return mac("90:e2:ba" + octets.map { ":" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
}

/// An Intel 82576 port: on igb with its interface, or on another driver and only remembered.
func nic(
  _ short: String, driver: String? = "igb", override: String? = nil, group: Int? = nil,
  uses: Observed<[HostUse]> = .known([]), holders: Observed<[Holder]> = .known([]),
  change: (inout PCIFunction) -> Void = { _ in }
) -> PCIFunction {
  let address = pci(short)
  let interface = "eth\(address.bus)\(address.function)"
  var function = PCIFunction(
    address: address, id: PCIID(vendor: 0x8086, device: 0x10c9), deviceClass: PCIClass(0x020000),
    driver: driver, driverOverride: override, hostDriver: "igb",
    iommuGroup: group ?? 100 + Int(address.bus) * 8 + Int(address.function),
    path: "pci0000:00/0000:00:07.0/\(address)", holders: holders)
  if driver == "igb" {
    let permanent = mac(of: address)
    function.interfaces = [
      NetworkInterface(name: interface, mac: permanent, permanentMAC: permanent, isUp: false, uses: uses)
    ]
  } else {
    function.remembered = Identity(mac: mac(of: address), interface: interface, driver: "igb")
  }
  change(&function)
  return function
}

/// Something in a NIC's group that is no NIC.
func device(_ short: String, class code: UInt32, driver: String?, group: Int) -> PCIFunction {
  PCIFunction(
    address: pci(short), id: PCIID(vendor: 0x8086, device: 0x1533), deviceClass: PCIClass(code),
    driver: driver,
    hostDriver: driver, iommuGroup: group)
}

let qemu = Holder(process: 4711, command: "qemu-system-x86")

/// What pcipass put into a libvirt guest for its NIC `name`.
func marked(_ short: String, _ name: String, managed: Bool = true, at guestAddress: String? = nil) -> Hostdev
{
  Hostdev(
    address: pci(short), alias: "ua-pcipass-\(name)", isManaged: managed, guestAddress: guestAddress.map(pci))
}

/// What somebody else put there.
func foreign(_ short: String) -> Hostdev {
  Hostdev(address: pci(short), alias: "hostdev0", isManaged: true)
}

func off(_ name: String, _ persistent: [Hostdev] = []) -> GuestState {
  GuestState(name: name, run: .shutoff, persistent: persistent, live: nil)
}

func running(_ name: String, _ persistent: [Hostdev] = [], live: [Hostdev]? = nil) -> GuestState {
  GuestState(name: name, run: .running, persistent: persistent, live: live ?? persistent)
}

/// A QEMU without libvirt, with room for devices on these buses.
func runningQEMU(
  _ socket: String, _ live: [Hostdev] = [], buses: [String] = ["port1", "port2"],
  models: [String] = ["vfio-pci"]
) -> GuestState {
  GuestState(
    name: socket, run: .running, persistent: nil, live: live, freePorts: buses.count,
    buses: buses.map { GuestState.Bus(name: $0, free: 1) }, models: models)
}

func state(
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

/// A Host named hv01 whose `nics` are these lines.
func host(_ nics: String, driver: String = "vfio-pci") -> String {
  manifest("Host", "hv01", "{driver: \(driver), nics: [\(joined(nics))]}")
}

/// A Guest on hv01 whose `nics` are these lines.
func guest(_ name: String, _ nics: String = "", _ manager: String = "libvirt: {}") -> String {
  manifest("Guest", name, "{host: hv01, \(manager), nics: [\(joined(nics))]}")
}

private func manifest(_ kind: String, _ name: String, _ spec: String) -> String {
  "---\napiVersion: pcipass/v1\nkind: \(kind)\nmetadata: {name: \(name)}\nspec: \(spec)\n"
}

/// One entry a line, of which each may be written as in a list of YAML or without its braces.
private func joined(_ lines: String) -> String {
  lines.split(separator: "\n").map { "{\($0)}" }.joined(separator: ", ")
}

/// What the manifests ask of hv01. They must be right.
func request(
  _ manifests: String..., targets: [Target] = [], prune: Bool = false,
  at location: SourceLocation = #_sourceLocation
) -> Request {
  var loader = Loader()
  loader.read(Source(name: "t.yaml", text: manifests.joined()))
  let wrong = loader.diagnostics + FleetCheck.diagnostics(of: loader.fleet)
  #expect(wrong.map(\.message) == [], sourceLocation: location)
  guard let host = loader.fleet.hosts.first else { preconditionFailure("no Host among the manifests") }
  return Request(host: host, guests: loader.fleet.guests, targets: targets, prune: prune)
}

/// The plan for hv01.
func plan(
  _ manifests: String..., on state: HostState, targets: [Target] = [], prune: Bool = false,
  at location: SourceLocation = #_sourceLocation
) -> Plan {
  Planner.plan(
    request(manifests.joined(), targets: targets, prune: prune, at: location), on: state)
}

extension Plan {
  var ids: [String] { steps.map(\.id) }
  var codes: [Refusal.Code] { refusals.map(\.code) }

  func step(_ id: String) -> Step? { steps.first { $0.id == id } }

  /// What a NIC's bind step makes of its driver, as `FROM → TO`.
  func binding(_ short: String) -> String? {
    guard case .bind(_, let from, let to) = step("bind/0000:\(short)")?.action else { return nil }
    return "\(from) → \(to)"
  }

  /// What the manifest lets pass, and why.
  var allowances: [String] {
    guards.filter { $0.verdict == .allowed }.map {
      "\($0.which.rawValue): \($0.found.joined(separator: "; ")), because: \($0.because ?? "")"
    }
  }

  /// Code and message of each notice.
  var remarks: [String] { notices.map { "\($0.code): \($0.message)" } }
}

extension Step {
  /// The hostdev that it puts in or takes out.
  var hostdev: Hostdev? {
    switch action {
    case .attach(let hostdev, _), .detach(let hostdev, _): hostdev
    default: nil
    }
  }
}

extension Plan {
  /// Everything that a step waits for, directly or through others.
  func before(_ id: String) -> Set<String> {
    var result: Set<String> = []
    var open = step(id)?.after ?? []
    while let next = open.popLast() {
      if result.insert(next).inserted { open += step(next)?.after ?? [] }
    }
    return result
  }
}

/// The plan as it is when it was written and read again.
func roundTrip(_ plan: Plan) throws -> Plan {
  let source = Source(name: "p.json", text: Plan.form.encode(plan).text)
  return try Plan.form.value(of: try JSONReader.document(of: source), from: source)
}
