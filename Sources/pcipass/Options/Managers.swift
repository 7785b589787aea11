import Execution
import Manifests
import Planning

/// The guest managers that are queried: those that manifests name, or those that a journal
/// recorded.
struct Managers {
  var guests: [GuestManifest] = []
  /// The name of the guests' host in the manifests; nil for the name of the machine.
  var host: String?
  /// The libvirt connection URI that a journal recorded.
  var libvirt: String?

  init(of guests: [GuestManifest] = []) { self.guests = guests }

  /// The managers of a run, from its journal, because the host name and the environment may have
  /// changed since.
  init(of journal: Journal?) {
    guests = journal?.request.guests ?? []
    host = journal?.header.plan.host
    libvirt = journal?.header.run?.libvirt
  }
}
