import Documents
import HostModel
import Manifests

/// Whether a function could be handed out now, as the guards of a plan see it.
public enum Availability: Sendable, Equatable {
  case free
  /// Guests have it, or a process that is none of their known QEMUs.
  case taken(by: [String])
  /// What a plan that hands it out would be refused for.
  case refused([Refusal])

  /// Of all NICs of the host, VFs included.
  ///
  /// Each is asked as if a manifest reserved it: the guards are those of a plan, not others that resemble them. The VFs
  /// are asked apart, because nobody hands out a PF and its VFs at once.
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
    var guests: [String] = []
    for holding in host.holdings[function.address] ?? [] where !guests.contains(holding.guest.name) {
      guests.append(holding.guest.name)
    }
    if !guests.isEmpty { return .taken(by: guests) }
    if case .known(let holders) = function.holders, !holders.isEmpty, refusals.isEmpty {
      return .taken(by: holders.map { "\($0.command) (process \($0.process))" })
    }
    return refusals.isEmpty ? .free : .refused(refusals)
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
