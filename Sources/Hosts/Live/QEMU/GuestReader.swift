import Documents
import HostModel

/// Reads the devices of a guest and the number of devices that can still be hot-plugged. A device
/// that is unplugged meanwhile is left out.
struct GuestReader {
  private let end: ContinuousClock.Instant
  private let time: Duration

  /// Device models that assign a function of the host.
  private static let assigning: Set<String> = [
    "vfio-pci", "vfio-pci-nohotplug", "kvm-pci-assign", "pci-assign",
  ]
  /// Device models of ports. A port accepts one device, also by hot-plug.
  private static let ports: Set<String> = ["pcie-root-port", "ioh3420", "xio3130-downstream"]

  /// - Parameter time: the time for all answers of QEMU.
  init(within time: Duration) {
    self.time = time
    end = .now + time
  }

  /// Reads a guest.
  ///
  /// - Parameter name: the path of its monitor.
  func read(_ name: String, _ client: inout QMPClient) throws(QEMUFailure) -> GuestState {
    let answers = try ask(
      [
        QMPClient.QMPCommand("query-status"), .list("/machine"), .get("type", of: "/machine"),
        .list(QEMUObject.peripherals), .list(QEMUObject.anonymous), QMPClient.QMPCommand("query-pci"),
        .properties(of: "vfio-pci"), .properties(of: "kvm-pci-assign"), .properties(of: "pci-assign"),
        QMPClient.QMPCommand("query-uuid"),
      ], &client)
    let run = try Self.run(answers[0])
    let machine = try QMPClient.object(answers[1])
    let type = try QMPClient.found(answers[2], by: "qom-get")?.string
    let peripherals = try QMPClient.object(answers[3])?.members ?? []
    let anonymous = try QMPClient.object(answers[4])?.members ?? []
    // A machine without PCI may not have the command `query-pci`.
    let functions = (try? answers[5].get()).map(GuestFunctions.init) ?? GuestFunctions()
    let live = try devices(peripherals, anonymous, functions, &client)
    var buses = try freePorts(peripherals, &client)
    if machine?.has("i440fx") ?? false {
      buses.append(GuestState.Bus(name: "pci.0", free: functions.freeSlots))
    }
    let isKnown = !buses.isEmpty || Self.isExpress(machine, type)
    var models: [String] = []
    if case .success = answers[6] { models.append("vfio-pci") }
    // pci-assign is another name of kvm-pci-assign, and the only name in old forks.
    if answers[7...8].contains(where: { (try? $0.get()) != nil }) { models.append("pci-assign") }
    return GuestState(
      name: name, run: run, persistent: nil, live: live,
      freePorts: isKnown ? min(buses.reduce(0) { $0 + $1.free }, 65535) : nil, buses: buses, models: models,
      uuid: Self.uuid(answers[9]))
  }

  /// The UUID that QEMU was started with; nil if it was started without one and reports zeros.
  private static func uuid(_ answer: Result<Node, QMPError>) -> String? {
    let uuid = (try? answer.get())?["UUID"]?.string?.lowercased()
    return uuid.flatMap { isUUID($0) && $0.contains { $0 != "0" && $0 != "-" } ? $0 : nil }
  }

  private func ask(
    _ commands: [QMPClient.QMPCommand], _ client: inout QMPClient
  ) throws(QEMUFailure) -> [Result<Node, QMPError>] {
    do throws(QEMUFailure) { return try client.ask(commands, within: max(.zero, end - .now)) } catch {
      if case .noAnswer = error { throw .noAnswer(after: time) }
      throw error
    }
  }

  private static func run(_ answer: Result<Node, QMPError>) throws(QEMUFailure) -> GuestState.RunState {
    guard let status = try QMPClient.found(answer, by: "query-status")?["status"]?.string else {
      throw .notQMP("query-status did not return a status")
    }
    return switch status {
    case "running": .running
    case "guest-panicked", "internal-error": .crashed
    // Paused, not yet started, migrating or suspended: the guest does not answer requests.
    default: .paused
    }
  }

  /// Whether the machine accepts hot-plugged devices at ports only. Other machines have buses that
  /// are not known here.
  private static func isExpress(_ machine: QEMUObject?, _ type: String?) -> Bool {
    (machine?.has("q35") ?? false) || (type?.hasPrefix("virt-") ?? false)
  }

  private func devices(
    _ peripherals: [QEMUObject.Property], _ anonymous: [QEMUObject.Property], _ functions: GuestFunctions,
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
          guestAddress: device.id.flatMap { functions.addresses[$0] },
          bus: values[2]?.split(separator: "/").last.map(String.init).flatMap { isAlias($0) ? $0 : nil },
          // `device_add` accepts only this name of the model.
          driver: device.model == "kvm-pci-assign" ? GuestState.legacyModel : device.model,
          failoverPartner: values[3].flatMap { isAlias($0) ? $0 : nil },
          iommufd: values[4].flatMap(Self.object)))
    }
    for index in result.indices {
      result[index].slotFunctions = functions.others(beside: result[index], of: result)
    }
    // QEMU lists devices in the order of a hash table.
    return result.sorted { ($0.address, $0.alias ?? "") < ($1.address, $1.alias ?? "") }
  }

  private struct Assigned {
    let path: String
    let id: String?
    let model: String
  }

  private static func assigned(
    in folder: String, _ members: [QEMUObject.Property], haveIDs: Bool
  ) -> [Assigned] {
    members.compactMap { member in
      guard let model = member.childType, assigning.contains(model) else { return nil }
      return Assigned(path: "\(folder)/\(member.name)", id: haveIDs ? member.name : nil, model: model)
    }
  }

  /// The name of the target of a link, as `device_add` accepts it: an id, or a path if the object
  /// was not created by a user. Nil for an empty link.
  private static func object(_ link: String) -> String? {
    let name = link.hasPrefix(QEMUObject.objects) ? String(link.dropFirst(QEMUObject.objects.count)) : link
    return isAlias(name) ? name : nil
  }

  /// The host function of a device: `host`, or the last component of `sysfsdev` if the device was
  /// created with that property only; `host` is ffff:ff:ff.f then. Nil for a mediated device, which
  /// has neither.
  private static func address(host: String?, sysfs: String?) -> PCIAddress? {
    if let address = host.flatMap({ PCIAddress($0) }), address != PCIAddress("0000:00:00.0") {
      return address
    }
    return sysfs?.split(separator: "/").last.flatMap { PCIAddress($0) }
  }

  /// All ports that accept a hot-plugged device. `free` is 0 for a port that has a device. A port
  /// without an id is left out, because `device_add` cannot name its bus.
  private func freePorts(
    _ peripherals: [QEMUObject.Property], _ client: inout QMPClient
  ) throws(QEMUFailure) -> [GuestState.Bus] {
    let ports = peripherals.filter { Self.ports.contains($0.childType ?? "") && isAlias($0.name) }
      .map { "\(QEMUObject.peripherals)/\($0.name)" }
    let answers = try ask(ports.flatMap { [.get("hotplug", of: $0), .list($0)] }, &client)
    var buses: [(name: String, path: String)] = []
    for (index, port) in ports.enumerated() {
      // QEMU before 5.0 has neither this property nor a way to disable hot-plug.
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

extension QMPClient.QMPCommand {
  fileprivate static func properties(of model: String) -> Self {
    Self("device-list-properties", [JSON.Member("typename", .string(model))])
  }
}

/// The functions of a guest and their guest addresses, as `query-pci` reports them. It does not
/// report functions behind a bridge that the guest's firmware has not set up yet.
struct GuestFunctions {
  /// The address of each device by its id.
  private(set) var addresses: [String: PCIAddress] = [:]
  /// All addresses in use, also those of devices without an id.
  private var used: Set<PCIAddress> = []
  /// The slots in use on the first bus.
  private var usedSlots: Set<Int> = []

  /// The number of free slots on the first bus.
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

  /// The function numbers in the slot of a device that belong to devices other than assigned ones.
  func others(beside hostdev: Hostdev, of all: [Hostdev]) -> [Int] {
    guard let slot = hostdev.guestAddress?.slot else { return [] }
    let assigned = Set(all.compactMap(\.guestAddress))
    return used.filter { $0.slot == slot && !assigned.contains($0) }.map { Int($0.function) }.sorted()
  }

  private mutating func add(_ devices: [Node]) {
    for device in devices {
      if let address = Self.address(of: device) {
        used.insert(address)
        if let id = device["qdev_id"]?.string, !id.isEmpty { addresses[id] = address }
      }
      add(device["pci_bridge"]?["devices"]?.elements ?? [])
    }
  }

  private static func address(of device: Node) -> PCIAddress? {
    guard let bus = device["bus"]?.integer.flatMap(UInt32.init(exactly:)),
      let slot = device["slot"]?.integer.flatMap(UInt32.init(exactly:)),
      let function = device["function"]?.integer.flatMap(UInt32.init(exactly:))
    else { return nil }
    return PCIAddress(domain: 0, bus: bus, device: slot, function: function)
  }
}
