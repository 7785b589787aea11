import HostModel

/// Judges the state of a host independently of pcipass: it implements the rules of VFIO, libvirt
/// and SR-IOV, and no planning. Its rules for the start of guests are compared with the simulated
/// host, and the simulated host with the lab.
public enum Oracle {
  // MARK: Starts

  /// Why a guest would not start with a device of its definition; nil if it would.
  public static func obstacle(to device: Hostdev, of guest: GuestState, on state: HostState) -> String? {
    guard let function = state[device.address] else { return "\(device.address) is gone" }
    guard let group = function.iommuGroup else { return "\(device.address) is in no IOMMU group" }
    if !device.isManaged, !isVFIO(function.driver) {
      return "\(device.address) is not managed, and on \(function.driver ?? "no driver")"
    }
    let mine = guest.persistent ?? []
    let taken = Set(mine.filter(\.isManaged).map(\.address))
    for member in state.functions where member.iommuGroup == group {
      if let other = state.guests.first(where: { other in
        other.name != guest.name && other.live?.contains { $0.address == member.address } ?? false
      }) {
        return "\(other.name) has \(member.address) of its group"
      }
      if !taken.contains(member.address), !keepsGroupViable(member.driver) {
        return "\(member.address) of its group is on \(member.driver ?? "no driver")"
      }
    }
    // Unbinding a PF from its driver deletes its VFs.
    if !isVFIO(function.driver), (function.sriov?.count ?? 0) > 0 { return "\(device.address) has VFs" }
    if device.device == .interface, let place = function.virtualFunction,
      state[place.physicalFunction]?.interfaces.allSatisfy({ $0.isUp != true }) ?? true
    {
      return "the PF of \(device.address) is down"
    }
    return nil
  }

  /// Whether the driver leaves an IOMMU group viable (Linux, Documentation/driver-api/vfio.rst).
  private static func keepsGroupViable(_ driver: String?) -> Bool {
    driver.map { ["pci-stub", "pcieport"].contains($0) || isVFIO($0) } ?? true
  }

  /// Whether the driver is vfio-pci or a variant of it.
  private static func isVFIO(_ driver: String?) -> Bool {
    driver.map { $0 == "vfio-pci" || $0.hasSuffix("_vfio_pci") } ?? false
  }

  /// The devices that prevent guests which are shut off from starting: `UUID ADDRESS`, and why.
  /// Running guests have started, so they are left out.
  ///
  /// - Parameter isNext: whether to include running guests as if they were started again.
  public static func obstacles(on state: HostState, isNext: Bool = false) -> [String: String] {
    var result: [String: String] = [:]
    for guest in state.libvirt.value ?? [] where guest.live == nil || isNext {
      for device in guest.persistent ?? [] {
        result["\(guest.uuid ?? guest.name) \(device.address)"] = obstacle(to: device, of: guest, on: state)
      }
    }
    return result
  }

  // MARK: The host's network

  /// The uses that the host makes of functions.
  public static func uses(on state: HostState) -> [PCIAddress: Set<HostUse>] {
    state.functions.reduce(into: [:]) { result, function in
      let uses = function.interfaces.flatMap { $0.uses.value ?? [] }
      if !uses.isEmpty { result[function.address] = Set(uses) }
    }
  }

  /// The uses of `before` that the host does not have any more.
  public static func lost(
    _ before: [PCIAddress: Set<HostUse>], on state: HostState
  ) -> [PCIAddress: Set<HostUse>] {
    let now = uses(on: state)
    return before.reduce(into: [:]) { result, entry in
      let left = entry.value.subtracting(now[entry.key] ?? [])
      if !left.isEmpty { result[entry.key] = left }
    }
  }

  // MARK: Frames

  /// The VFs of running guests that have settings of another guest: `GUEST ADDRESS`, and why. The
  /// manifests of the simulated world give each guest MAC addresses and VLANs of its own, which
  /// identify it.
  public static func foreignVFSettings(on state: HostState) -> [String: String] {
    var result: [String: String] = [:]
    for guest in state.guests {
      for device in guest.live ?? [] {
        guard case .known(let settings)? = state[device.address]?.virtualFunction?.settings else { continue }
        result["\(guest.name) \(device.address)"] = foreignSetting(
          of: settings, device, in: GuestNumbering.number(of: guest))
      }
    }
    return result
  }

  private static func foreignSetting(of settings: VFSettings, _ device: Hostdev, in guest: Int?) -> String? {
    if device.device == .interface {
      if let mac = device.mac, settings.mac != mac {
        return "its MAC is \(settings.mac.map { "\($0)" } ?? "unknown"), and its guest's \(mac)"
      }
      if let vlan = settings.vlan, vlan.id != device.vlan ?? 0 { return "its VLAN is \(vlan)" }
      return nil
    }
    if let owner = settings.mac.flatMap(GuestNumbering.owner), owner != guest {
      return "it has a MAC of guest \(owner)"
    }
    if let owner = settings.vlan.flatMap({ GuestNumbering.owner(ofVLAN: $0.id) }), owner != guest {
      return "it has a VLAN of guest \(owner)"
    }
    return nil
  }

  // MARK: Declared claims

  /// The claims that are not met: the guest lacks the function, would not start with it, or the VF
  /// has another MAC address or VLAN than declared.
  public static func unmet(_ declared: Declared, on state: HostState) -> [String] {
    declared.claims.flatMap { name, claims -> [String] in
      guard let guest = state.guests.first(where: { $0.name == name }) else {
        return claims.isEmpty ? [] : ["\(name) is not there"]
      }
      return claims.compactMap { unmet($0, by: guest, on: state).map { "\(name): \($0)" } }
    }
  }

  private static func unmet(
    _ claim: Declared.Claim, by guest: GuestState, on state: HostState
  ) -> String? {
    let live = guest.live?.first { $0.address == claim.address }
    let persistent = guest.persistent?.first { $0.address == claim.address }
    guard let device = persistent ?? live else { return "\(claim.address) is not there" }
    if guest.live == nil { return obstacle(to: device, of: guest, on: state) }
    guard let live, live.device == .hostdev, persistent?.device ?? .hostdev == .hostdev,
      case .known(let settings)? = state[claim.address]?.virtualFunction?.settings
    else { return nil }
    if let mac = claim.mac, settings.mac != mac { return "\(claim.address) has another MAC" }
    if let vlan = claim.vlan, settings.vlan?.id != vlan { return "\(claim.address) has another VLAN" }
    return nil
  }

  // MARK: Marks

  /// The devices with pcipass's mark in definitions, and in running guests without a definition:
  /// `UUID ALIAS ADDRESS`.
  public static func marks(on state: HostState) -> Set<String> {
    Set(
      state.guests.flatMap { guest in
        (guest.persistent ?? guest.live ?? []).filter(\.isMarked)
          .map { "\(guest.uuid ?? guest.name) \($0.alias ?? "") \($0.address)" }
      })
  }

  /// The card at each address: its id, class and serial number.
  public static func cards(on state: HostState) -> [PCIAddress: String] {
    state.functions.filter { $0.virtualFunction == nil }.reduce(into: [:]) {
      $0[$1.address] = "\($1.id) \($1.deviceClass) \($1.serial ?? "-")"
    }
  }
}

/// MAC addresses, VLANs and UUIDs from which the guest that they belong to can be read. Guests are
/// numbered from 1.
public enum GuestNumbering {
  public static func mac(of guest: Int, _ number: Int) -> MACAddress? {
    MACAddress("52:54:00:77:0\(guest):0\(number)")
  }

  public static func vlan(of guest: Int, _ number: Int) -> Int { 1000 * guest + number }

  /// - Parameter time: distinguishes domains that have the same name one after the other.
  public static func uuid(of guest: Int, _ time: Int) -> String {
    let digits = String(time, radix: 16)
    return "00000000-0000-4000-8000-" + String(repeating: "0", count: 11 - digits.count) + digits + "\(guest)"
  }

  /// The number of a guest. A QEMU without libvirt is number 4.
  static func number(of guest: GuestState) -> Int? {
    guest.persistent == nil && guest.uuid == nil ? 4 : guest.uuid?.last?.hexDigitValue
  }

  static func owner(of mac: MACAddress) -> Int? {
    let words = mac.description.split(separator: ":")
    return mac.description.hasPrefix("52:54:00:77:") ? Int(words[4], radix: 16) : nil
  }

  static func owner(ofVLAN vlan: Int) -> Int? { vlan >= 1000 ? vlan / 1000 : nil }
}

extension GuestState {
  fileprivate var id: String { uuid ?? name }
}

extension HostState {
  fileprivate var guests: [GuestState] { (libvirt.value ?? []) + (qemu.value ?? []) }
}

extension Oracle {
  /// The functions in the definitions of two guests, of which only one can run.
  public static func assignedTwice(on state: HostState) -> Set<PCIAddress> {
    let all = (state.libvirt.value ?? []).flatMap { Set(($0.persistent ?? []).map(\.address)) }
    return Set(all.filter { address in all.count { $0 == address } > 1 })
  }

  /// The functions whose driver, override, VF count or settings have changed, that were added or
  /// removed, or that a definition or guest has gained or lost.
  public static func changed(from before: HostState, to after: HostState) -> Set<PCIAddress> {
    var result: Set<PCIAddress> = []
    if before.functions != after.functions {
      let (old, new) = (bindings(of: before), bindings(of: after))
      for address in Set(old.keys).union(new.keys) where old[address] != new[address] {
        result.insert(address)
      }
    }
    if before.libvirt != after.libvirt || before.qemu != after.qemu {
      let (old, new) = (devices(of: before), devices(of: after))
      result.formUnion(old.symmetricDifference(new).map(\.device.address))
    }
    return result
  }

  /// The libvirt domains whose definition or live devices have changed: the functions, by UUID.
  public static func changedDomains(
    from before: HostState, to after: HostState
  ) -> [String: Set<PCIAddress>] {
    guard before.libvirt != after.libvirt else { return [:] }
    let (old, new) = (devices(of: before), devices(of: after))
    return old.symmetricDifference(new).reduce(into: [:]) {
      $0[$1.guest, default: []].insert($1.device.address)
    }
  }

  private static func bindings(of state: HostState) -> [PCIAddress: [String]] {
    state.functions.reduce(into: [:]) { result, function in
      let settings = function.virtualFunction?.settings.value.map { "\($0)" }
      result[function.address] = [
        function.driver ?? "-", function.driverOverride ?? "-", "\(function.sriov?.count ?? 0)",
        settings ?? "-",
      ]
    }
  }

  /// A device in the definition or in the running state of a guest.
  private struct PlacedDevice: Hashable {
    let guest: String
    let isLive: Bool
    let device: Hostdev
  }

  private static func devices(of state: HostState) -> Set<PlacedDevice> {
    var result: Set<PlacedDevice> = []
    for guest in state.guests {
      for device in guest.persistent ?? [] {
        result.insert(PlacedDevice(guest: guest.id, isLive: false, device: device))
      }
      for device in guest.live ?? [] {
        result.insert(PlacedDevice(guest: guest.id, isLive: true, device: device))
      }
    }
    return result
  }

  /// The guests that have a device with pcipass's mark and that no manifest declares.
  public static func pruned(by declared: Declared, on state: HostState) -> [String] {
    state.guests.filter { guest in
      declared.claims[guest.name] == nil
        && ((guest.persistent ?? []) + (guest.live ?? [])).contains(where: \.isMarked)
    }.map(\.name)
  }

  /// The functions that guests have or that processes have open.
  public static func held(on state: HostState) -> Set<PCIAddress> {
    Set(state.guests.flatMap { ($0.persistent ?? []) + ($0.live ?? []) }.map(\.address)).union(
      state.functions.filter { $0.holders.value?.isEmpty == false }.map(\.address))
  }

  /// The guests that have a device with pcipass's mark or that manifests declare, by UUID.
  public static func domainsToTouch(by declared: Declared, on state: HostState) -> [String] {
    state.guests.filter { guest in
      declared.claims[guest.name] != nil
        || ((guest.persistent ?? []) + (guest.live ?? [])).contains(where: \.isMarked)
    }.map(\.id)
  }

  /// The functions that guests have with pcipass's mark.
  public static func heldWithMark(on state: HostState) -> Set<PCIAddress> {
    Set(
      state.guests.flatMap { ($0.persistent ?? []) + ($0.live ?? []) }
        .filter(\.isMarked).map(\.address))
  }
}

extension Hostdev {
  /// Whether it has pcipass's mark.
  fileprivate var isMarked: Bool { alias?.contains("pcipass-") ?? false }
}
