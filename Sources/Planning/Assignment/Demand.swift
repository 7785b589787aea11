import Documents
import HostModel
import Manifests

/// A claim that may get any member of a pool, or any VF of a NIC.
struct Demand {
  let guest: GuestManifest
  let claim: Claim
  /// The guest on the host; nil if no domain is the pinned one.
  let manager: GuestManager?
  /// The state of the guest; nil if it does not exist or is unknown.
  let state: GuestState?
  /// The reason why the devices that the guest has are unknown; nil if they are known. A QEMU that does not
  /// run may be started with arguments that name a device.
  let reasonUnknown: String?
  /// Whether the guest is on another host.
  let isElsewhere: Bool
  /// Whether the guest shows a device.
  let hasDevices: Bool
  let key: Key
  /// The pool, or the NIC whose VFs may be assigned.
  let pool: String
  /// The only port of the pool that may be assigned; nil if each may.
  let port: String?

  init(
    _ claim: Claim, of guest: GuestManifest, _ manager: GuestManager?, _ found: Observed<GuestState?>,
    pool: String, port: String?
  ) {
    self.guest = guest
    self.claim = claim
    self.manager = manager
    self.pool = pool
    self.port = port
    state = found.value ?? nil
    isElsewhere = guest.isElsewhere(found)
    hasDevices = !(state?.live ?? []).isEmpty || !(state?.persistent ?? []).isEmpty
    key = Key(guest: guest.name, nic: claim.name.value)
    let isUnseen = !(manager?.traits.hasDefinition ?? true) && state?.live == nil
    reasonUnknown = found.reason ?? (isUnseen ? "\(guest.name) does not run" : nil)
  }

  /// A guest and its name for a NIC.
  struct Key: Hashable {
    let guest: String
    let nic: String
  }

  var origin: String? { claim.from.location?.description }

  func accepts(_ member: PoolMember) -> Bool {
    member.pool == pool && port.map { $0 == member.reference.nic } ?? true
  }
}

/// A function that can be assigned: a VF, or a whole port.
struct PoolMember: Hashable {
  let reference: NICReference
  /// The pool, or the NIC whose VF it is.
  let pool: String
  let address: PCIAddress
  /// The PF of a VF, or the port itself.
  let port: PCIAddress
  let numaNode: Int?
}

extension GuestManifest {
  /// Whether the guest may run on several hosts and is not on this one, as far as that is known.
  func isElsewhere(_ found: Observed<GuestState?>) -> Bool {
    guard hosts.single == nil, case .known(let state) = found else { return false }
    return !(state?.isThere ?? false)
  }
}

extension GuestState {
  /// Whether the guest runs or has a definition, so that it shows which devices it has.
  var isThere: Bool { live != nil || persistent != nil }
}
