import Documents
import HostModel
import Planning

/// The host that pcipass runs on.
public struct LiveHost: Host {
  private let reader: HostReader
  private let stateFolder: String?
  private let sysfs: Sysfs

  /// - Parameters:
  ///   - stateFolder: where is remembered what was seen of functions; nil where nothing is.
  ///   - deadline: how long one write to the kernel may take before it is given up.
  public init(reader: HostReader, stateFolder: String?, deadline: Duration) {
    self.reader = reader
    self.stateFolder = stateFolder
    sysfs = Sysfs(reader: reader, deadline: deadline)
  }

  public func observe() throws(Diagnostics) -> HostState {
    var reader = reader
    if let stateFolder { reader.identities = try IdentityStore.load(from: stateFolder) }
    let reading = try reader.read()
    var state = reading.state
    state.unreadable = reading.warnings.map(\.message)
    return state
  }

  public func remember(_ state: HostState) throws(Diagnostics) {
    guard let stateFolder else { return }
    let before = try IdentityStore.load(from: stateFolder)
    let after = before.remembering(state)
    if after != before { try after.save(to: stateFolder) }
  }

  public func refreshed(_ action: Action) throws(HostFailure) -> Action {
    guard case .bind(let address, _, let to) = action else { return action }
    return .bind(address, from: try sysfs.binding(of: address), to: to)
  }

  public func progress(of action: Action) throws(HostFailure) -> Progress {
    switch action {
    case .load(let module): return Modules.hasDriver(module) ? .done : .notDone
    case .bind(let address, let from, let to): return try sysfs.progress(of: address, from: from, to: to)
    case .attach, .detach: throw Self.noGuests
    }
  }

  public func perform(_ action: Action, step: String) throws(HostFailure) {
    switch action {
    case .load(let module): try Modules.load(module)
    case .bind(let address, _, let to):
      var files = sysfs
      try files.bind(address, to: to)
    case .attach, .detach: throw Self.noGuests
    }
  }

  private static let noGuests = HostFailure(
    .unsupported, "this version of pcipass does not change guests on a live host")
}
