import Documents
import HostModel

/// What a name in a claim stands for: a NIC or a pool of the host.
enum HostEntry {
  case nic(HostNIC)
  case pool(NICPool)

  var virtualFunctions: Located<VirtualFunctions>? {
    switch self {
    case .nic(let nic): nic.virtualFunctions
    case .pool(let pool): pool.virtualFunctions
    }
  }

  var name: Located<String> {
    switch self {
    case .nic(let nic): nic.name
    case .pool(let pool): pool.name
    }
  }

  /// Whether pcipass chooses what such a reference gets.
  func isChoice(_ reference: NICReference) -> Bool {
    switch self {
    case .nic: reference.isAny
    case .pool: reference.isAny || reference.port == nil && reference.virtualFunction == nil
    }
  }
}

extension HostManifest {
  /// The NIC or the pool of this name.
  func entry(_ name: String) -> HostEntry? {
    if let nic = spec.nics.first(where: { $0.name.value == name }) { return .nic(nic) }
    return spec.pools.first { $0.name.value == name }.map { .pool($0) }
  }

  /// Whether pcipass chooses what such a reference gets: any member of a pool, or any VF.
  public func isChoice(_ reference: NICReference) -> Bool {
    entry(reference.entry)?.isChoice(reference) ?? false
  }

  /// The VF settings for claims of a NIC or pool that do not give them; nil without VFs.
  public func defaults(of name: String) -> VFSettings? { entry(name)?.virtualFunctions?.value.defaults }

  /// The NIC of this name; for `POOL/ADDRESS`, the entry of that member.
  public func nic(_ name: String) -> HostNIC? {
    if let nic = spec.nics.first(where: { $0.name.value == name }) { return nic }
    let reference = NICReference(nic: name)
    guard let address = reference.port.flatMap({ PCIAddress($0) }) else { return nil }
    return spec.pools.first { $0.name.value == reference.entry }?.member(address)
  }

  /// The names of the NICs and pools.
  public var entryNames: [String] { spec.nics.map(\.name.value) + spec.pools.map(\.name.value) }
}
