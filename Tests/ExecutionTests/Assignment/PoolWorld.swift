import Documents
import Execution
import HostModel
import Hosts
import Manifests
import Planning
import TestSupport

/// A simulated host with a pool and guests whose manifests and states change at random. It knows which member
/// each claim must keep.
struct PoolWorld {
  struct Guest {
    var name: String
    /// The path of the socket for QEMU without libvirt.
    var socket: String?
    var claims: [String]
    /// The UUID of the domain.
    var uuid: String

    var mark: (String) -> String {
      { [isQEMU = socket != nil] in isQEMU ? Ownership.qemuID(of: $0) : Ownership.libvirtAlias(of: $0) }
    }
  }

  enum Change: CaseIterable {
    case grow, rename, startOrStop, clone, defineAgain, remove, reboot, loseMemory
  }

  private var dice: Dice
  private(set) var state: HostState
  private(set) var guests: [Guest] = []
  /// The member of each claim, by guest and NIC.
  private(set) var kept: [String: PCIAddress] = [:]
  /// Whether the next plan may not know what a guest has.
  private(set) var isLost = false
  private let count: Int
  private var number = 0

  private static let ports = ["03:00.0", "04:00.0", "05:00.0"]

  init(seed: UInt64) {
    dice = Dice(seed: seed)
    let count = Int.random(in: 2...5, using: &dice)
    self.count = count
    state = TestSupport.state(Self.ports.flatMap { pool($0) }) { $0.assignments = .known([]) }
  }

  private var capacity: Int { count * Self.ports.count }
  private var claimed: Int { guests.map(\.claims.count).reduce(0, +) }

  static func key(_ guest: String, _ nic: String) -> String { "\(guest).\(nic)" }

  // MARK: Manifests

  /// The request of the manifests, with documents and claims in a random order.
  mutating func request() -> Request {
    let host = """
      ---
      apiVersion: pcipass/v1
      kind: Host
      metadata: {name: hv01}
      spec:
        driver: vfio-pci
        pools: [{name: fast, select: {id: "8086:10c9"}, virtualFunctions: {count: \(count)}}]

      """
    let documents = guests.shuffled(using: &dice).map { guest in
      let claims = guest.claims.shuffled(using: &dice).map { "name: \($0), from: fast" }
      return TestSupport.guest(
        guest.name, claims.joined(separator: "\n"), guest.socket.map { "qemu: {qmp: \($0)}" } ?? "libvirt: {}"
      )
    }
    return TestSupport.request(([host] + documents).shuffled(using: &dice).joined())
  }

  // MARK: Changes

  /// Changes the manifests and the host, and returns what was done.
  mutating func change() -> String {
    isLost = false
    let change = Change.allCases.randomElement(using: &dice) ?? .grow
    switch change {
    case .grow: grow()
    case .rename: rename()
    case .startOrStop: startOrStop()
    case .clone: clone()
    case .defineAgain: defineAgain()
    case .remove: remove()
    case .reboot: reboot()
    case .loseMemory: loseMemory()
    }
    return "\(change)"
  }

  private mutating func name(_ prefix: String) -> String {
    number += 1
    // Names in no particular order.
    let letter = ["a", "m", "z"].randomElement(using: &dice) ?? "a"
    return "\(letter)\(prefix)\(number)"
  }

  private mutating func newUUID() -> String {
    number += 1
    let digits = String(number, radix: 16)
    return "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
  }

  private mutating func grow() {
    guard claimed < capacity else { return }
    let room = min(2, capacity - claimed)
    let claims = (0..<Int.random(in: 1...room, using: &dice)).map { _ in name("nic") }
    var guest = Guest(name: name("guest"), socket: nil, claims: claims, uuid: newUUID())
    if Bool.random(using: &dice) {
      guest.socket = "/run/\(guest.name).sock"
      update(&state.qemu) {
        $0.append(GuestState(name: guest.socket ?? "", run: .shutoff, persistent: nil, live: nil))
      }
    } else {
      var domain = off(guest.name)
      domain.uuid = guest.uuid
      update(&state.libvirt) { $0.append(domain) }
    }
    guests.append(guest)
  }

  private mutating func rename() {
    guard let index = guests.indices.randomElement(using: &dice),
      let claim = guests[index].claims.indices.randomElement(using: &dice)
    else { return }
    let (before, after) = (guests[index].claims[claim], name("nic"))
    guests[index].claims[claim] = after
    let member = kept.removeValue(forKey: Self.key(guests[index].name, before))
    kept[Self.key(guests[index].name, after)] = member
  }

  private mutating func startOrStop() {
    guard let guest = guests.randomElement(using: &dice) else { return }
    let isRunning = state.allGuests.contains {
      $0.manager.name == (guest.socket ?? guest.name) && $0.state.live != nil
    }
    setRunning(guest, !isRunning)
  }

  /// Starts a guest with what it had, or stops it.
  private mutating func setRunning(_ guest: Guest, _ isRunning: Bool) {
    if let socket = guest.socket {
      let devices = guest.claims.compactMap { claim in
        kept[Self.key(guest.name, claim)].map {
          Hostdev(address: $0, alias: guest.mark(claim), isManaged: false, driver: "vfio-pci")
        }
      }
      let now =
        isRunning
        ? runningQEMU(socket, devices, buses: (0..<8).map { "port\($0)" })
        : GuestState(name: socket, run: .shutoff, persistent: nil, live: nil)
      update(&state.qemu) { list in list = list.map { $0.name == socket ? now : $0 } }
    } else {
      update(&state.libvirt) { list in
        for index in list.indices where list[index].name == guest.name {
          list[index].run = isRunning ? .running : .shutoff
          list[index].live = isRunning ? list[index].persistent : nil
        }
      }
    }
  }

  /// Copies a domain with its marks (virt-clone), and claims the same for the copy.
  private mutating func clone() {
    guard let original = guests.filter({ $0.socket == nil }).randomElement(using: &dice),
      claimed + original.claims.count <= capacity,
      // Before the first apply nothing tells which is the original.
      original.claims.allSatisfy({ kept[Self.key(original.name, $0)] != nil }),
      var domain = state.libvirt.value?.first(where: { $0.name == original.name })
    else { return }
    let copy = Guest(name: name("copy"), socket: nil, claims: original.claims, uuid: newUUID())
    domain.name = copy.name
    domain.uuid = copy.uuid
    (domain.run, domain.live) = (.shutoff, nil)
    update(&state.libvirt) { $0.append(domain) }
    guests.append(copy)
  }

  /// Undefines a domain and defines it again without devices, perhaps as another one.
  private mutating func defineAgain() {
    guard let index = guests.indices.filter({ guests[$0].socket == nil }).randomElement(using: &dice) else {
      return
    }
    if Bool.random(using: &dice) { guests[index].uuid = newUUID() }
    var domain = off(guests[index].name)
    domain.uuid = guests[index].uuid
    update(&state.libvirt) { list in list = list.map { $0.name == domain.name ? domain : $0 } }
  }

  private mutating func remove() {
    guard guests.count > 2, let index = guests.indices.randomElement(using: &dice) else { return }
    let guest = guests.remove(at: index)
    for claim in guest.claims { kept[Self.key(guest.name, claim)] = nil }
    update(&state.libvirt) { $0.removeAll { $0.name == guest.name } }
    update(&state.qemu) { $0.removeAll { $0.name == guest.socket } }
    update(&state.assignments) { $0?.removeAll { $0.guest == guest.name } }
  }

  /// All guests are off and the VFs are gone.
  private mutating func reboot() {
    for guest in guests { setRunning(guest, false) }
    let assignments = state.assignments
    let (libvirt, qemu) = (state.libvirt, state.qemu)
    state = TestSupport.state(Self.ports.flatMap { pool($0) })
    (state.libvirt, state.qemu, state.assignments) = (libvirt, qemu, assignments)
  }

  private mutating func loseMemory() {
    state.assignments = nil
    isLost = true
  }

  /// Starts the guests that cannot say what they have.
  mutating func startUnknown() { for guest in guests where guest.socket != nil { setRunning(guest, true) } }

  /// Whether a guest cannot say what it has.
  var hasUnknown: Bool {
    guests.contains { guest in
      guest.socket != nil && !(state.qemu.value ?? []).contains { $0.name == guest.socket && $0.live != nil }
    }
  }

  // MARK: Applying

  /// Applies a plan, and returns what went wrong.
  mutating func apply(_ plan: Plan, remembering change: AssignmentChange) throws -> String? {
    let host = SimulatedHost(state)
    try host.remember(change)
    let outcome = Executor(host: host, journal: { _ in }).run(plan.steps)
    guard outcome.end == .success else {
      return outcome.failure.map { "\($0.step.id): \($0.failure.message)" } ?? "failed"
    }
    state = host.state
    for assignment in plan.assignments {
      kept[Self.key(assignment.guest, assignment.nic)] = assignment.address
    }
    return nil
  }

  private func update(_ observed: inout Observed<[GuestState]>, _ change: (inout [GuestState]) -> Void) {
    guard case .known(var list) = observed else { return }
    change(&list)
    observed = .known(list)
  }

  private func update(
    _ observed: inout Observed<[RememberedAssignment]>?, _ change: (inout [RememberedAssignment]?) -> Void
  ) {
    guard var list = observed?.value else { return }
    var optional: [RememberedAssignment]? = list
    change(&optional)
    list = optional ?? []
    observed = .known(list)
  }
}
