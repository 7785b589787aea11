import Execution
import Manifests
import Planning

/// The managers of guests that are asked: those that manifests name, or that a journal has recorded.
struct Managers {
  var guests: [GuestManifest] = []
  /// The name of the guests' host in the manifests; nil is the machine's own name.
  var host: String?
  /// The libvirt that a journal has recorded.
  var libvirt: String?

  init(of guests: [GuestManifest] = []) { self.guests = guests }

  /// The managers of a run, from its journal: the host may have another name by now, and the environment is another.
  init(of journal: Journal?) {
    guests = journal?.request.guests ?? []
    host = journal?.header.plan.host
    libvirt = journal?.header.run?.libvirt
  }
}
