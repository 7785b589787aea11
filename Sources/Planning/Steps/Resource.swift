import HostModel
import Manifests

/// A part of the host that two steps cannot use at the same time, whatever the order of the plan is.
public enum Resource: Sendable, Hashable {
  case function(PCIAddress)
  /// The VFs of a PF, which are created and deleted together. A step that uses one VF shares this resource.
  case vfCount(of: PCIAddress)
  /// The settings of the VFs of a PF. The driver of the PF makes one change at a time.
  case vfSettings(of: PCIAddress)
  /// A libvirt domain, whose job lock covers its definition and the running guest, or the monitor of a QEMU.
  case guest(GuestManager)
  case iommuGroup(Int)
  /// The functions that one reset may reset together: those of a bus except VFs, which can be reset each by
  /// itself (PCI Express Base Specification, Single Root I/O Virtualization: VFs support FLR). A snapshot
  /// does not record which other functions support FLR, so it is assumed that none does.
  case reset(domain: UInt32, bus: UInt8)
  case module(String)
}

/// The resources that a step uses while it is done.
public struct ResourceUse: Sendable, Equatable {
  /// The resources that no other step may use meanwhile.
  public var exclusive: Set<Resource>
  /// The resources that other steps may share, but not use exclusively.
  public var shared: Set<Resource>

  public init(exclusive: Set<Resource>, shared: Set<Resource> = []) {
    self.exclusive = exclusive
    self.shared = shared
  }

  mutating func formUnion(_ other: ResourceUse) {
    exclusive.formUnion(other.exclusive)
    shared.formUnion(other.shared)
  }

  /// Whether the two steps cannot be done at the same time.
  public func conflicts(with other: ResourceUse) -> Bool {
    !exclusive.isDisjoint(with: other.exclusive) || !exclusive.isDisjoint(with: other.shared)
      || !shared.isDisjoint(with: other.exclusive)
  }
}

extension ResourceUse {
  /// Returns, for steps that must keep this order where they use the same resource, the indices of the
  /// earlier steps that each one waits for. Steps that are waited for indirectly are left out.
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
  /// Returns the resources that binding a function to another driver uses.
  func binding(of address: PCIAddress) -> ResourceUse {
    var use = opening(of: address)
    if let physical = physicalFunction(of: address) {
      use.exclusive.insert(.vfSettings(of: physical))
    } else if functions[address]?.sriov != nil {
      // A driver deletes the VFs of a PF when it is unbound.
      use.exclusive.formUnion([.vfCount(of: address), .vfSettings(of: address)])
    }
    return use
  }

  /// Returns the resources that a guest uses when it opens or closes a function: VFIO resets the function and
  /// opens its whole IOMMU group (Linux, `Documentation/driver-api/vfio.rst`).
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

  /// Returns the PF of a VF, also of a VF that is not created yet.
  func physicalFunction(of address: PCIAddress) -> PCIAddress? {
    let function = functions[address] ?? state.futureVirtualFunction(at: address)
    return function?.virtualFunction?.physicalFunction
  }
}

/// The resources that the steps of a plan use on the host that the plan was made for.
public struct StepResources: Sendable {
  private let host: HostIndex

  /// - Parameter host: the observed host. Without it, IOMMU groups and PFs are not known.
  public init(on host: HostIndex?) { self.host = host ?? .nothing }

  /// Returns the resources that an action uses.
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
