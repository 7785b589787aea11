import Execution
import HostModel
import Manifests
import Planning

/// Which managers of guests are asked: those that manifests name, or that a journal has recorded.
struct Managers {
  var guests: [GuestManifest] = []
  /// The host whose guests they are, by its name in the manifests; nil is the machine's.
  var host: String?
  /// The libvirt that a journal has recorded.
  var libvirt: String?

  init(of guests: [GuestManifest] = []) { self.guests = guests }

  /// Those of a run: its host may have another name by now, and its environment is gone.
  init(of journal: Journal?) {
    guests = journal?.request.guests ?? []
    host = journal?.header.plan.host
    libvirt = journal?.header.run?.libvirt
  }
}
