import HostModel
import Manifests

/// Something that steps cannot use at the same time, whatever order a plan has for them.
public enum Resource: Sendable, Hashable {
  case function(PCIAddress)
  /// A PF's VFs: they come and go as one. Who uses a VF shares it.
  case vfCount(of: PCIAddress)
  /// What a PF holds of its VFs. A driver takes one change after another.
  case vfSettings(of: PCIAddress)
  /// A domain, whose job lock covers the definition and the running guest, or a QEMU's monitor.
  case guest(GuestManager)
  case iommuGroup(Int)
  /// What one reset may reset together: the functions of a bus but for VFs, which have a reset of their own (PCI Express
  /// Base Specification, Single Root I/O Virtualization: a VF must support FLR). A snapshot does not record which others
  /// have FLR, so none is taken to have it.
  case reset(domain: UInt32, bus: UInt8)
  case module(String)
}

/// What a step uses while it is done.
public struct ResourceUse: Sendable, Equatable {
  /// Alone.
  public var exclusive: Set<Resource>
  /// Beside others that share it.
  public var shared: Set<Resource>

  public init(exclusive: Set<Resource>, shared: Set<Resource> = []) {
    self.exclusive = exclusive
    self.shared = shared
  }

  mutating func formUnion(_ other: ResourceUse) {
    exclusive.formUnion(other.exclusive)
    shared.formUnion(other.shared)
  }

  /// Whether both cannot be used at the same time.
  public func conflicts(with other: ResourceUse) -> Bool {
    !exclusive.isDisjoint(with: other.exclusive) || !exclusive.isDisjoint(with: other.shared)
      || !shared.isDisjoint(with: other.exclusive)
  }
}

extension ResourceUse {
  /// For steps that are done in this order where they use the same: for each the indices of those before it that it must
  /// wait for, without those that these wait for in turn.
  public static func order(of uses: [ResourceUse]) -> [[Int]] {
    var alone: [Resource: Int] = [:]
    var sharing: [Resource: [Int]] = [:]
    return uses.enumerated().map { number, use in
      var before: Set<Int> = []
      for resource in use.shared {
        if let last = alone[resource] { before.insert(last) }
        sharing[resource, default: []].append(number)
      }
      for resource in use.exclusive {
        if let last = alone[resource] { before.insert(last) }
        before.formUnion(sharing.removeValue(forKey: resource) ?? [])
        alone[resource] = number
      }
      return before.filter { $0 != number }.sorted()
    }
  }
}

extension HostIndex {
  /// What changing a function's driver uses.
  func binding(of address: PCIAddress) -> ResourceUse {
    var use = opening(of: address)
    if let physical = physicalFunction(of: address) {
      use.exclusive.insert(.vfSettings(of: physical))
    } else if functions[address]?.sriov != nil {
      // The VFs of a PF vanish with its driver.
      use.exclusive.formUnion([.vfCount(of: address), .vfSettings(of: address)])
    }
    return use
  }

  /// What a guest uses that opens or closes a function: VFIO resets it, and opens its group as a whole.
  func opening(of address: PCIAddress) -> ResourceUse {
    var use = ResourceUse(exclusive: [.function(address)])
    if let group = functions[address]?.iommuGroup { use.exclusive.insert(.iommuGroup(group)) }
    if let physical = physicalFunction(of: address) {
      use.shared.insert(.vfCount(of: physical))
    } else {
      use.exclusive.insert(.reset(domain: address.domain, bus: address.bus))
    }
    return use
  }

  /// The PF of a VF, also of one that is still to come.
  func physicalFunction(of address: PCIAddress) -> PCIAddress? {
    let function = functions[address] ?? state.virtualFunction(toComeAt: address)
    return function?.virtualFunction?.physicalFunction
  }
}

/// What the steps of a plan use, looked up on the host that the plan was made for.
public struct Resources: Sendable {
  private let host: HostIndex

  /// - Parameter host: nil is that the host was not read.
  public init(on host: HostIndex?) { self.host = host ?? .nothing }

  public func use(by action: Action) -> ResourceUse { action.kind.resources(on: host) }
}

extension HostIndex {
  /// A host of which nothing was read.
  fileprivate static let nothing: HostIndex = {
    let reason = "it was not read"
    return HostIndex(
      HostState(
        host: "",
        kernel: Kernel(
          release: nil, commandLine: .unavailable(reason), processor: .other, drivers: .unavailable(reason),
          modules: .unavailable(reason), bootLoaderFiles: []),
        functions: [], libvirt: .unavailable(reason), qemu: .unavailable(reason)))
  }()
}
