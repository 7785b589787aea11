import Documents
import Glibc
import HostModel
import Manifests
import Planning

/// The host that pcipass runs on.
public struct LiveHost: Host {
  /// Is called before each write to the kernel and each program that is run, with the name of the step and a
  /// description.
  public typealias Trace = @Sendable (_ step: String, _ words: String) -> Void

  private let reader: HostReader
  private let stateFolder: String?
  private let primitives: LivePrimitives
  /// Nil if the host is only a tree of files, or its guests are not looked at.
  private let libvirt: Libvirt?
  private let trace: Trace

  /// - Parameters:
  ///   - stateFolder: the folder in which the identities of functions are stored; nil to store
  ///     none.
  ///   - uri: the libvirt connection URI; nil for the default of the library.
  ///   - monitors: the monitors of the QEMU processes without libvirt.
  ///   - lock: the descriptor of the host's lock, which stays held until the last write to the
  ///     kernel has ended.
  public init(
    reader: HostReader, stateFolder: String?, libvirt uri: String?, monitors: [QEMUMonitor],
    timeouts: Timeouts, lock: CInt? = nil, trace: @escaping Trace = { _, _ in }
  ) {
    let libvirt = Libvirt(uri: uri)
    let managers = GuestBackends.managers(
      libvirt: LibvirtBackend(libvirt: libvirt, timeouts: timeouts), qemu: QEMUBackend(monitors, timeouts))
    self.init(reader, stateFolder, libvirt, managers, timeouts, lock, trace)
  }

  /// A host whose guests are not looked at: neither libvirt nor QEMU is asked.
  ///
  /// - Parameters: as in the other initialiser.
  public init(
    withoutGuests reader: HostReader, stateFolder: String?, timeouts: Timeouts, lock: CInt? = nil,
    trace: @escaping Trace = { _, _ in }
  ) {
    self.init(reader, stateFolder, nil, .notLookedAt, timeouts, lock, trace)
  }

  /// A captured or generated tree of files, which is only read.
  public init(tree reader: HostReader) {
    self.init(reader, nil, nil, .ofFileTree, Timeouts(step: .zero, unplug: .zero), nil, { _, _ in })
  }

  private init(
    _ reader: HostReader, _ stateFolder: String?, _ libvirt: Libvirt?, _ managers: GuestBackends,
    _ timeouts: Timeouts, _ lock: CInt?, _ trace: @escaping Trace
  ) {
    self.reader = reader
    self.stateFolder = stateFolder
    self.libvirt = libvirt
    primitives = LivePrimitives(
      files: Sysfs(reader: reader, deadline: timeouts.step, lock: lock), managers: managers,
      timeouts: timeouts)
    self.trace = trace
  }

  public func observe() throws(Diagnostics) -> HostState {
    var reader = try readerWithIdentities()
    // Guests are read first, so that a device that is added to a guest meanwhile is at least
    // visible at its function.
    reader.libvirt = guests(of: .libvirt)
    // If the domains are unavailable, the reason is already recorded there.
    reader.networks = reader.libvirt.reason == nil ? networks() : nil
    reader.libvirt = reader.libvirt.only(networks: reader.networks)
    reader.qemu = guests(of: .qemu)
    let reading = try reader.read()
    var state = reading.state
    state.unreadable = reading.warnings.map(\.message)
    state.assignments = assignments
    return state
  }

  public func observe(after actions: [Action], since before: HostState) throws(Diagnostics) -> HostState {
    // Such actions add and remove functions.
    if actions.contains(where: \.recreatesFunctions) { return try observe() }
    var state = try observe(
      Set(actions.compactMap(\.function)), guests: Set(actions.compactMap(\.guest)), since: before,
      networks: before.networks)
    state.assignments = assignments
    return state
  }

  public func setInterfaceUp(_ address: PCIAddress) throws(HostFailure) {
    try primitives.files.setInterfaceUp(address)
  }

  public func start(_ domain: String) throws(HostFailure) {
    guard let libvirt else {
      throw HostFailure(.unsupported, "pcipass cannot change a captured file tree")
    }
    try libvirt.start(domain, within: primitives.timeouts.step)
  }

  private var assignments: Observed<[RememberedAssignment]>? {
    stateFolder.flatMap { AssignmentStore.observed(in: $0) }
  }

  public func observe(about action: Action, since before: HostState) throws(Diagnostics) -> HostState {
    var addresses = Set([action.function].compactMap { $0 })
    if case .resize(let step) = action {
      let known = before.functions.filter { $0.virtualFunction?.physicalFunction == step.address }
      let told = before[step.address]?.virtualFunctions(step.from.count) ?? []
      addresses.formUnion((known + told).map(\.address))
    }
    let beside = before.withGroups(of: addresses)
    var guests = Set([action.guest].compactMap { $0 })
    for (manager, guest) in before.allGuests
    where ((guest.persistent ?? []) + (guest.live ?? [])).contains(where: { beside.contains($0.address) }) {
      guests.insert(manager)
    }
    // A libvirt network may have been started since, or may have assigned a VF to a guest.
    let isAboutVFs = addresses.contains {
      before[$0].map { $0.virtualFunction != nil || $0.sriov != nil } ?? true
    }
    let networks = isAboutVFs && before.networks != nil ? networks() : before.networks
    for (manager, guest) in before.allGuests where isAboutVFs && !guest.networks.isEmpty {
      guests.insert(manager)
    }
    return try observe(
      addresses, guests: guests, since: before, networks: networks, looksForHolders: action.needsHolders)
  }

  /// Reads these functions with their IOMMU groups and PFs, and these guests; the rest is taken from
  /// `before`.
  private func observe(
    _ functions: Set<PCIAddress>, guests: Set<GuestManager>, since before: HostState,
    networks: Observed<[HostdevNetwork]>?, looksForHolders: Bool = true
  ) throws(Diagnostics) -> HostState {
    var reader = try readerWithIdentities()
    reader.networks = networks
    reader.libvirt = self.guests(of: .libvirt, after: guests, since: before).only(networks: networks)
    reader.qemu = self.guests(of: .qemu, after: guests, since: before)
    var addresses = functions
    // The settings of a VF are read from its PF.
    addresses.formUnion(
      addresses.compactMap { address in
        (before[address] ?? before.futureVirtualFunction(at: address))?.virtualFunction?.physicalFunction
      })
    let wanted = before.withGroups(of: addresses)
    let names = Dictionary(
      before.functions.compactMap { function in function.name.map { (function.id, $0) } },
      uniquingKeysWith: { first, _ in first })
    let known = looksForHolders ? nil : before
    var state = try reader.read(only: wanted, names: names, holdersSince: known).state
    for index in state.functions.indices {
      let function = before[state.functions[index].address]
      state.functions[index].variantDriver = function?.variantDriver
      state.functions[index].sriov?.variantDriver = function?.sriov?.variantDriver
    }
    state.functions = (before.functions.filter { !wanted.contains($0.address) } + state.functions)
      .sorted { $0.address < $1.address }
    (state.unreadable, state.assignments) = (before.unreadable, before.assignments)
    return state
  }

  /// The reader with the stored identities as they are now.
  private func readerWithIdentities() throws(Diagnostics) -> HostReader {
    var reader = reader
    if let stateFolder { reader.identities = try IdentityStore.load(from: stateFolder) }
    return reader
  }

  private func guests(of kind: GuestManager.Kind) -> Observed<[GuestState]> {
    primitives.managers.guests(of: kind)
  }

  /// The guests of `before`; those in `changed` are read again.
  private func guests(
    of kind: GuestManager.Kind, after changed: Set<GuestManager>, since before: HostState
  ) -> Observed<[GuestState]> {
    let before = before.guests(of: kind)
    guard let manager = primitives.managers[kind], let known = before.value else { return before }
    return manager.guests(after: Set(changed.filter { $0.kind == kind }.map(\.name)), since: known)
  }

  /// The libvirt networks that assign VFs (`<forward mode='hostdev'>`); nil if libvirt is not used.
  private func networks() -> Observed<[HostdevNetwork]>? {
    guard let libvirt else { return nil }
    do throws(LibvirtFailure) { return .known(try libvirt.hostdevNetworks()) } catch {
      return .unavailable(error.reason)
    }
  }

  public func remember(_ state: HostState) throws(Diagnostics) {
    guard let stateFolder else { return }
    let before = try IdentityStore.load(from: stateFolder)
    let after = before.remembering(state)
    if after != before { try after.save(to: stateFolder) }
  }

  public func remember(_ change: AssignmentChange) throws(Diagnostics) {
    if let stateFolder { try AssignmentStore.remember(change, in: stateFolder) }
  }

  public func refreshed(_ action: Action) throws(HostFailure) -> Action {
    try action.hostStep.refreshed(on: primitives)
  }

  public func state(of action: Action) throws(HostFailure) -> StepState {
    try action.hostStep.state(on: primitives)
  }

  public func perform(_ action: Action, step: String) throws(HostFailure) {
    var primitives = primitives
    primitives.files.trace = { [trace] words in trace(step, words) }
    try action.hostStep.perform(on: &primitives)
  }

  public func settle(_ action: Action, begun ago: Duration) {
    // A write to the kernel needs no wait, because the lock is held until the write has ended.
    guard let pending = action.hostStep.pending(primitives.timeouts) else { return }
    let now = ContinuousClock.now
    let end = now + pending.time - ago
    let answer = now + pending.unplug - ago
    while .now < end, (try? state(of: action)) == .notDone {
      guard ContinuousClock.now < answer || isBusy(with: pending.guest) else { return }
      usleep(200_000)
    }
  }

  private func isBusy(with guest: GuestManager) -> Bool {
    primitives.managers[guest.kind]?.isBusy(with: guest.name) ?? false
  }
}

extension Observed<[GuestState]> {
  /// The guests with only those of their networks that assign VFs. All networks stay if that is unknown.
  fileprivate func only(networks: Observed<[HostdevNetwork]>?) -> Self {
    guard case .known(let guests) = self, let known = networks?.value else { return self }
    let names = Set(known.map(\.name))
    return .known(
      guests.map { guest in
        var guest = guest
        guest.networks.removeAll { !names.contains($0) }
        return guest
      })
  }
}

extension HostState {
  /// These functions and the other members of their IOMMU groups.
  fileprivate func withGroups(of addresses: Set<PCIAddress>) -> Set<PCIAddress> {
    let groups = Set(addresses.compactMap { self[$0]?.iommuGroup })
    return addresses.union(
      functions.filter { $0.iommuGroup.map(groups.contains) ?? false }.map(\.address))
  }
}
