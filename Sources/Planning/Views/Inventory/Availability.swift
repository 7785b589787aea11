import Documents
import HostModel
import Manifests

/// Whether a function can be assigned now, as the guards of a plan judge it.
public enum Availability: Sendable, Equatable {
  case available
  /// Guests have the function, or processes that are not a known QEMU have it open.
  case inUse(guests: [GuestManager], processes: [Holder])
  /// The function is reserved by the host: a plan that assigns it would be refused, for these
  /// reasons.
  case reserved([Refusal])

  /// Returns the availability of each NIC of the host, VFs included.
  ///
  /// Each NIC is planned as if a manifest reserved it, so that the guards are exactly those of a plan. VFs
  /// are planned apart from PFs, because a PF and its VFs are not assigned together.
  public static func all(on host: HostIndex) -> [PCIAddress: Availability] {
    let nics = host.state.functions.filter(\.deviceClass.isNetwork)
    let refusals = [false, true].reduce(into: [PCIAddress: [Refusal]]()) { result, isPart in
      let asked = nics.filter { ($0.virtualFunction != nil) == isPart }.map(\.address)
      result.merge(refused(asked, host)) { one, _ in one }
    }
    return Dictionary(
      nics.map { ($0.address, availability(of: $0, host, refusals[$0.address] ?? [])) },
      uniquingKeysWith: { one, _ in one })
  }

  private static func availability(
    of function: PCIFunction, _ host: HostIndex, _ refusals: [Refusal]
  ) -> Availability {
    var guests: [GuestManager] = []
    for holding in host.holdings[function.address] ?? [] where !guests.contains(holding.guest) {
      guests.append(holding.guest)
    }
    if !guests.isEmpty { return .inUse(guests: guests, processes: []) }
    if case .known(let holders) = function.holders, !holders.isEmpty, refusals.isEmpty {
      return .inUse(guests: [], processes: holders)
    }
    return refusals.isEmpty ? .available : .reserved(refusals)
  }

  private static func refused(_ addresses: [PCIAddress], _ host: HostIndex) -> [PCIAddress: [Refusal]] {
    let names = addresses.indices.map { "nic-\($0)" }
    let manifest = HostManifest(
      metadata: Metadata(name: Located(host.state.host)),
      spec: HostManifest.Spec(
        nics: zip(names, addresses).map { name, address in
          HostNIC(name: Located(name), select: Located(Selector(address: address)), reserve: true)
        }))
    let plan = Planner.plan(ResolvedRequest(Request(host: manifest, guests: []), on: host))
    let places = Dictionary(zip(names, addresses)) { one, _ in one }
    return plan.refusals.reduce(into: [:]) { result, refusal in
      guard let address = refusal.nic.flatMap({ places[$0] }) else { return }
      var refusal = refusal
      refusal.nic = nil
      result[address, default: []].append(refusal)
    }
  }
}
