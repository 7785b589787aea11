import Documents
import Execution
import Manifests
import Planning

/// The guest managers that are queried: those that manifests name, or those that a journal
/// recorded.
struct Managers {
  private let fleet: Fleet
  /// The name of the guests' host in the manifests; nil for the name of the machine.
  var host: String?
  /// The libvirt connection URI that a journal recorded.
  var libvirt: String?
  /// Whether no manager is queried (`--part host`).
  let isNoneQueried: Bool

  /// No manager is queried.
  static let none = Managers(for: .host)

  init(of fleet: Fleet = Fleet(), for part: RequestPart = .everything) {
    self.fleet = fleet
    isNoneQueried = part == .host
  }

  init(of request: Request, for part: RequestPart = .everything) {
    self.init(of: Fleet(hosts: [request.host], guests: request.guests), for: part)
  }

  /// The managers of a run, from its journal, because the host name and the environment may have
  /// changed since.
  ///
  /// - Parameter part: the part of the host that is looked at. To roll back a run of any part, guests are looked
  ///   at: they may have got what the run changed.
  init(of journal: Journal?, for part: RequestPart = .everything) {
    self.init(
      of: journal.map { Fleet(hosts: [$0.request.host], guests: $0.request.guests) } ?? Fleet(), for: part)
    host = journal?.header.plan.host
    libvirt = journal?.header.run?.libvirt
  }

  /// The guests of the host that is called so where nothing else names it.
  func guests(here hostName: String) -> [GuestManifest] {
    let name = host ?? hostName
    let host = fleet.hosts.first { $0.name == name }
    return fleet.guests(
      of: host ?? HostManifest(metadata: Metadata(name: Located(name)), spec: HostManifest.Spec()))
  }
}
