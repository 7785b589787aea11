import HostModel
import Manifests

extension Fact {
  /// Returns the observed values that a plan for these functions depends on: those of the functions, of their
  /// IOMMU groups and VFs, and of the guests of the request.
  ///
  /// The numbers of IOMMU groups are left out, because they may change at each boot.
  static func collect(about addresses: [PCIAddress], _ request: Request, _ host: HostIndex) -> [Fact] {
    // A run that does not look at guests does not depend on them.
    let guests = host.state.hidesGuests ? [] : request.guests
    var result = guests.flatMap { guest in
      let subject = subject(of: guest)
      let found = host.guest(of: guest)
      return [Fact(subject, "state", state(of: found))]
        + [found.value??.uuid].compactMap { $0.map { Fact(subject, uuid, $0) } }
        + [found.value??.process].compactMap { $0.map { Fact(subject, "process", "\($0)") } }
    }
    if !addresses.isEmpty {
      let names =
        [Drivers.vfio, Drivers.stub] + (host.drivers ?? []).filter(Drivers.isVFIOVariant).sorted()
      result.append(
        Fact(
          "kernel", "drivers",
          host.drivers.map { names.filter($0.contains).joined(separator: ", ") } ?? "unknown"))
    }
    var seen: Set<PCIAddress> = []
    for address in addresses {
      let siblings = host.functions[address].map { host.siblings(of: $0) } ?? []
      let parts = host.virtualFunctions[address] ?? []
      for function in [host.functions[address]].compactMap({ $0 }) + siblings + parts
      where seen.insert(function.address).inserted {
        result += facts(of: function, siblings: host.siblings(of: function), host)
      }
      if host.functions[address] == nil { result.append(Fact("\(address)", "present", "no")) }
    }
    return result
  }

  private static let uuid = "UUID"
  static let nativeDriver = "native driver"

  private static func subject(of guest: GuestManifest) -> String { "guest \(guest.name)" }

  /// Returns the UUID of a guest's domain, or `nil` if the facts do not contain it.
  static func uuid(of guest: GuestManifest, in facts: [Fact]) -> String? {
    facts.first { $0.attribute == uuid && $0.subject == subject(of: guest) }?.value
  }

  private static func state(of guest: Observed<GuestState?>) -> String {
    switch guest {
    case .unavailable(let reason): return "unknown (\(reason))"
    case .known(nil): return "does not exist"
    case .known(let guest?):
      return guest.run.rawValue + (guest.persistent == nil ? ", not defined" : "")
        + (guest.freePorts.map { ", \($0) free ports" } ?? "")
        + (guest.image == nil ? "" : ", with a saved image")
    }
  }

  private static func facts(
    of function: PCIFunction, siblings: [PCIFunction], _ host: HostIndex
  ) -> [Fact] {
    let subject = "\(function.address)"
    let uses = function.interfaces.map { interface in
      switch interface.uses {
      case .known(let uses):
        uses.isEmpty
          ? interface.name : "\(interface.name): " + words(of: uses).joined(separator: ", ")
      case .unavailable(let reason): "\(interface.name): unknown (\(reason))"
      }
    }
    let holders: String =
      switch function.holders {
      case .known(let holders): holders.map { "\($0.command)" }.joined(separator: ", ")
      case .unavailable(let reason): "unknown (\(reason))"
      }
    let guests = (host.holdings[function.address] ?? []).map(\.description)
    let group =
      function.iommuGroup == nil
      ? "none"
      : siblings.isEmpty ? "alone" : "with " + siblings.map { "\($0.address)" }.joined(separator: ", ")
    let identity = [
      ("serial number", function.serial), ("permanent MAC address", function.permanentMAC.map { "\($0)" }),
    ]
    let network = host.networks.network(of: function).map { network in
      Fact(subject, "libvirt network", network.name + (network.ownsMembers ? "" : " (not active)"))
    }
    return [Fact(subject, "id", "\(function.id)")] + [network].compactMap { $0 }
      + identity.compactMap { name, value in value.map { Fact(subject, name, $0) } } + [
        Fact(subject, "driver", function.driver ?? "none"),
        Fact(subject, "driver_override", function.driverOverride ?? "none"),
        Fact(subject, nativeDriver, nativeDriver(of: function, host)),
        Fact(subject, "virtual functions", virtualFunctions(of: function)),
        Fact(subject, "VF settings", settings(of: function)),
        Fact(subject, "group", group),
        Fact(subject, "interfaces", uses.joined(separator: "; ")),
        Fact(subject, "holders", holders),
        Fact(subject, "guests", guests.joined(separator: "; ")),
      ]
  }

  /// Returns the uses in words, with one phrase for all SSH sessions: their addresses differ from run to run.
  private static func words(of uses: [HostUse]) -> [String] {
    let lasting = uses.filter { $0.kind != .sshSession }
    return (lasting.count < uses.count ? ["an SSH session"] : []) + lasting.map(\.description)
  }

  private static func virtualFunctions(of function: PCIFunction) -> String {
    guard let sriov = function.sriov else { return "none" }
    let first = function.virtualFunctions(1).first.map { ", from \($0.address)" } ?? ""
    let autoprobe = sriov.autoprobe.map { ", autoprobe \($0 ? "on" : "off")" } ?? ""
    return "\(sriov.count) of \(sriov.total)" + first + autoprobe
  }

  private static func settings(of function: PCIFunction) -> String {
    switch function.virtualFunction?.settings {
    case .known(let settings): "\(settings)"
    case .unavailable(let reason): "unknown (\(reason))"
    case nil: "none"
    }
  }

  private static func nativeDriver(of function: PCIFunction, _ host: HostIndex) -> String {
    guard let driver = function.nativeDriver else { return "unknown" }
    return driver + (host.drivers?.contains(driver) ?? true ? "" : " (not loaded)")
  }
}
