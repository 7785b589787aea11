import Documents
import HostModel

/// Reads what a guest has, and what more it takes. What is unplugged while it is read is left out.
struct GuestReader {
  private let end: ContinuousClock.Instant
  private let time: Duration

  /// Device models that have a function of the host.
  private static let assigning: Set<String> = [
    "vfio-pci", "vfio-pci-nohotplug", "kvm-pci-assign", "pci-assign",
  ]
  /// Their buses take one device each, also while the guest runs.
  private static let ports: Set<String> = ["pcie-root-port", "ioh3420", "xio3130-downstream"]

  init(within time: Duration) {
    self.time = time
    end = .now + time
  }

  func read(_ name: String, _ client: inout QMPClient) throws(QEMUFailure) -> GuestState {
    let answers = try ask(
      [
        QMPClient.Command("query-status"), .list("/machine"), .get("type", of: "/machine"),
        .list(QEMUObject.peripherals), .list(QEMUObject.anonymous), QMPClient.Command("query-pci"),
        .properties(of: "vfio-pci"), .properties(of: "kvm-pci-assign"), .properties(of: "pci-assign"),
        QMPClient.Command("query-uuid"),
      ], &client)
    let run = try Self.run(answers[0])
    let machine = try QMPClient.object(answers[1])
    let type = try QMPClient.found(answers[2], by: "qom-get")?.string
    let peripherals = try QMPClient.object(answers[3])?.members ?? []
    let anonymous = try QMPClient.object(answers[4])?.members ?? []
    // A machine without PCI may not have it.
    let functions = (try? answers[5].get()).map(GuestFunctions.init) ?? GuestFunctions()
    let live = try devices(peripherals, anonymous, functions, &client)
    var buses = try freePorts(peripherals, &client)
    if machine?.has("i440fx") ?? false {
      buses.append(GuestState.Bus(name: "pci.0", free: functions.freeSlots))
    }
    let isKnown = !buses.isEmpty || Self.isExpress(machine, type)
    var models: [String] = []
    if case .success = answers[6] { models.append("vfio-pci") }
    // The second is the first one's other name, and in old forks its only one.
    if answers[7...8].contains(where: { (try? $0.get()) != nil }) { models.append("pci-assign") }
    return GuestState(
      name: name, run: run, persistent: nil, live: live,
      freePorts: isKnown ? min(buses.reduce(0) { $0 + $1.free }, 65535) : nil, buses: buses, models: models,
      uuid: Self.uuid(answers[9]))
  }

  /// Nil where QEMU was started without one: it says zeros then.
  private static func uuid(_ answer: Result<Node, QMPError>) -> String? {
    let uuid = (try? answer.get())?["UUID"]?.string?.lowercased()
    return uuid.flatMap { isUUID($0) && $0.contains { $0 != "0" && $0 != "-" } ? $0 : nil }
  }

  private func ask(
    _ commands: [QMPClient.Command], _ client: inout QMPClient
  ) throws(QEMUFailure) -> [Result<Node, QMPError>] {
    do throws(QEMUFailure) { return try client.ask(commands, within: max(.zero, end - .now)) } catch {
      if case .noAnswer = error { throw .noAnswer(after: time) }
      throw error
    }
  }

  private static func run(_ answer: Result<Node, QMPError>) throws(QEMUFailure) -> GuestState.Run {
    guard let status = try QMPClient.found(answer, by: "query-status")?["status"]?.string else {
      throw .nonsense("query-status returned no status")
    }
    return switch status {
    case "running": .running
    case "guest-panicked", "internal-error": .crashed
    // Paused, not yet started, migrating, suspended: it answers nothing now.
    default: .paused
    }
  }

  /// Whether it is known to take devices at ports only. Others have buses that this does not know.
  private static func isExpress(_ machine: QEMUObject?, _ type: String?) -> Bool {
    (machine?.has("q35") ?? false) || (type?.hasPrefix("virt-") ?? false)
  }

  private func devices(
    _ peripherals: [QEMUObject.Member], _ anonymous: [QEMUObject.Member], _ functions: GuestFunctions,
    _ client: inout QMPClient
  ) throws(QEMUFailure) -> [Hostdev] {
    let assigned =
      Self.assigned(in: QEMUObject.peripherals, peripherals, haveIDs: true)
      + Self.assigned(in: QEMUObject.anonymous, anonymous, haveIDs: false)
    let properties = ["host", "sysfsdev", "parent_bus", "failover_pair_id", "iommufd"]
    let answers = try ask(
      assigned.flatMap { device in properties.map { .get($0, of: device.path) } }, &client)
    var result: [Hostdev] = []
    for (index, device) in assigned.enumerated() {
      var values: [String?] = []
      for answer in answers[(index * properties.count)...].prefix(properties.count) {
        values.append(try QMPClient.found(answer, by: "qom-get")?.string)
      }
      guard let address = Self.address(host: values[0], sysfs: values[1]) else { continue }
      result.append(
        Hostdev(
          address: address, alias: device.id.flatMap { isAlias($0) ? $0 : nil }, isManaged: false,
          guestAddress: device.id.flatMap { functions.places[$0] },
          bus: values[2]?.split(separator: "/").last.map(String.init).flatMap { isAlias($0) ? $0 : nil },
          // By the name that device_add is given.
          driver: device.model == "kvm-pci-assign" ? GuestState.oldModel : device.model,
          partner: values[3].flatMap { isAlias($0) ? $0 : nil },
          iommufd: values[4].flatMap(Self.object)))
    }
    for index in result.indices {
      result[index].slotFunctions = functions.others(beside: result[index], of: result)
    }
    // QEMU's order is that of a hash table.
    return result.sorted { ($0.address, $0.alias ?? "") < ($1.address, $1.alias ?? "") }
  }

  private struct Assigned {
    let path: String
    let id: String?
    let model: String
  }

  private static func assigned(
    in folder: String, _ members: [QEMUObject.Member], haveIDs: Bool
  ) -> [Assigned] {
    members.compactMap { member in
      guard let model = member.childType, assigning.contains(model) else { return nil }
      return Assigned(path: "\(folder)/\(member.name)", id: haveIDs ? member.name : nil, model: model)
    }
  }

  /// What `device_add` takes for the object that a link leads to: its id, or its path where it was not made by a user. An
  /// empty link leads nowhere.
  private static func object(_ link: String) -> String? {
    let name = link.hasPrefix(QEMUObject.objects) ? String(link.dropFirst(QEMUObject.objects.count)) : link
    return isAlias(name) ? name : nil
  }

  /// `host`, or where only the other was given: `host` is ffff:ff:ff.f then. A mediated device has neither.
  private static func address(host: String?, sysfs: String?) -> PCIAddress? {
    if let address = host.flatMap({ PCIAddress($0) }), address != PCIAddress("0000:00:00.0") {
      return address
    }
    return sysfs?.split(separator: "/").last.flatMap { PCIAddress($0) }
  }

  /// All ports where something can be plugged in, with 0 where something is. A port without an id has a bus that
  /// `device_add` cannot name.
  private func freePorts(
    _ peripherals: [QEMUObject.Member], _ client: inout QMPClient
  ) throws(QEMUFailure) -> [GuestState.Bus] {
    let ports = peripherals.filter { Self.ports.contains($0.childType ?? "") && isAlias($0.name) }
      .map { "\(QEMUObject.peripherals)/\($0.name)" }
    let answers = try ask(ports.flatMap { [.get("hotplug", of: $0), .list($0)] }, &client)
    var buses: [(name: String, path: String)] = []
    for (index, port) in ports.enumerated() {
      // Before version 5.0 there was no way to switch it off, and so no such property.
      let isOff = try QMPClient.found(answers[2 * index], by: "qom-get")?.boolean == false
      let members = try QMPClient.object(answers[2 * index + 1])?.members ?? []
      guard !isOff, let bus = members.first(where: { $0.childType == "PCIE" })?.name, isAlias(bus) else {
        continue
      }
      buses.append((bus, "\(port)/\(bus)"))
    }
    let objects = try ask(buses.map { .list($0.path) }, &client)
    var result: [GuestState.Bus] = []
    for (bus, answer) in zip(buses, objects) {
      guard let object = try QMPClient.object(answer) else { continue }
      result.append(GuestState.Bus(name: bus.name, free: object.hasDevices ? 0 : 1))
    }
    return result.sorted { $0.name < $1.name }
  }
}

extension QMPClient.Command {
  fileprivate static func properties(of model: String) -> Self {
    Self("device-list-properties", [JSON.Member("typename", .string(model))])
  }
}

/// What `query-pci` says: the functions that the guest has, and where. A bridge that its firmware has not set up yet
/// hides what is behind it.
struct GuestFunctions {
  /// By the device's id.
  private(set) var places: [String: PCIAddress] = [:]
  /// All of them, also those without an id.
  private var taken: Set<PCIAddress> = []
  /// On the first bus.
  private var usedSlots: Set<Int> = []

  var freeSlots: Int { 32 - usedSlots.count }

  init() {}

  init(_ node: Node) {
    for bus in node.elements ?? [] {
      let devices = bus["devices"]?.elements ?? []
      if bus["bus"]?.integer == 0 {
        usedSlots.formUnion(devices.compactMap { $0["slot"]?.integer }.filter((0..<32).contains))
      }
      add(devices)
    }
  }

  /// The functions of its slot that other devices than those of the host have.
  func others(beside hostdev: Hostdev, of all: [Hostdev]) -> [Int] {
    guard let slot = hostdev.guestAddress?.slot else { return [] }
    let assigned = Set(all.compactMap(\.guestAddress))
    return taken.filter { $0.slot == slot && !assigned.contains($0) }.map { Int($0.function) }.sorted()
  }

  private mutating func add(_ devices: [Node]) {
    for device in devices {
      if let place = Self.place(of: device) {
        taken.insert(place)
        if let id = device["qdev_id"]?.string, !id.isEmpty { places[id] = place }
      }
      add(device["pci_bridge"]?["devices"]?.elements ?? [])
    }
  }

  private static func place(of device: Node) -> PCIAddress? {
    guard let bus = device["bus"]?.integer.flatMap(UInt32.init(exactly:)),
      let slot = device["slot"]?.integer.flatMap(UInt32.init(exactly:)),
      let function = device["function"]?.integer.flatMap(UInt32.init(exactly:))
    else { return nil }
    return PCIAddress(domain: 0, bus: bus, device: slot, function: function)
  }
}
