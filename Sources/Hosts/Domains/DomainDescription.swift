import Documents
import HostModel

/// A domain as libvirt describes it, before its XML is parsed.
struct DomainDescription: Sendable {
  let name: String
  let run: GuestState.RunState
  /// The XML of the running domain; nil if it does not run.
  let now: [UInt8]?
  /// The XML of the definition; nil for a transient domain.
  let definition: [UInt8]?
  /// The XML of the managed save image that the next start restores; nil if there is none.
  var image: Observed<[UInt8]>? = nil
  /// Whether the domain was shut off by `virsh save FILE`: the reason is "saved" and there is no managed save
  /// image.
  var isSavedToFile = false
  /// The number of snapshots.
  var snapshots = 0
  /// Whether libvirt starts the domain when it starts itself.
  var isAutostarted = false

  /// The parsed state of the domain, or the reason why its XML cannot be parsed.
  ///
  /// - Parameter nodes: the NUMA nodes of the host; nil if they are unknown.
  func state(on nodes: [NUMANode]?) -> Result<GuestState, Diagnostics> {
    do throws(Diagnostics) {
      let now = try now.map { text throws(Diagnostics) in try DomainXML(text, of: name) }
      let definition = try definition.map { text throws(Diagnostics) in try DomainXML(text, of: name) }
      // If the domain has stopped since it was listed, libvirt returns the definition instead of the live
      // XML.
      guard let now, now.isRunning else {
        return .success(
          GuestState(
            name: name, run: .shutoff, persistent: (definition ?? now)?.hostdevs, live: nil,
            uuid: (definition ?? now)?.uuid, references: (definition ?? now)?.references ?? [],
            networks: (definition ?? now)?.networks ?? [],
            saved: image.map { SavedImage(devices: devices(in: $0)) }, isSavedToFile: isSavedToFile,
            snapshots: snapshots, numaNodes: (definition ?? now)?.numaNodes(on: nodes),
            isAutostarted: isAutostarted))
      }
      return .success(
        GuestState(
          name: name, run: run, persistent: definition?.hostdevs,
          live: now.hostdevs(assignedBy: definition), freePorts: now.freePorts, uuid: now.uuid,
          references: definition?.references ?? [], networks: definition?.networks ?? [],
          snapshots: snapshots, numaNodes: now.numaNodes(on: nodes), isAutostarted: isAutostarted))
    } catch {
      return .failure(error)
    }
  }

  /// The devices in a saved image. An image that cannot be parsed still exists, so it is `unavailable`, not
  /// absent.
  private func devices(in image: Observed<[UInt8]>) -> Observed<[Hostdev]> {
    switch image {
    case .unavailable(let reason): return .unavailable(reason)
    case .known(let text):
      do throws(Diagnostics) { return .known(try DomainXML(text, of: name).hostdevs) } catch {
        return .unavailable("cannot read the XML of its saved image: \(error.message)")
      }
    }
  }
}
