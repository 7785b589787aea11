import Documents
import HostModel

/// What libvirt says of a domain, as it says it.
struct DomainDescription: Sendable {
  let name: String
  let run: GuestState.Run
  /// XML of what runs; nil where nothing does.
  let now: [UInt8]?
  /// XML of the definition; nil where the domain is gone when it stops.
  let definition: [UInt8]?
  /// XML of the image that the next start restores; nil where there is none.
  var image: Observed<[UInt8]>? = nil
  var isSavedToFile = false
  var snapshots = 0

  /// The same, understood; or why it cannot be.
  var state: Result<GuestState, Diagnostics> {
    do throws(Diagnostics) {
      let now = try now.map { text throws(Diagnostics) in try DomainXML(text, of: name) }
      let definition = try definition.map { text throws(Diagnostics) in try DomainXML(text, of: name) }
      // It may have stopped since it was listed: libvirt shows the definition then.
      guard let now, now.isRunning else {
        return .success(
          GuestState(
            name: name, run: .shutoff, persistent: (definition ?? now)?.hostdevs, live: nil,
            uuid: (definition ?? now)?.uuid, references: (definition ?? now)?.references ?? [],
            networks: (definition ?? now)?.networks ?? [],
            saved: image.map { SavedImage(devices: devices(in: $0)) }, isSavedToFile: isSavedToFile,
            snapshots: snapshots))
      }
      return .success(
        GuestState(
          name: name, run: run, persistent: definition?.hostdevs,
          live: now.hostdevs(assignedBy: definition), freePorts: now.freePorts, uuid: now.uuid,
          references: definition?.references ?? [], networks: definition?.networks ?? [],
          snapshots: snapshots))
    } catch {
      return .failure(error)
    }
  }

  /// An image that cannot be understood is there all the same.
  private func devices(in image: Observed<[UInt8]>) -> Observed<[Hostdev]> {
    switch image {
    case .unavailable(let reason): return .unavailable(reason)
    case .known(let text):
      do throws(Diagnostics) { return .known(try DomainXML(text, of: name).hostdevs) } catch {
        return .unavailable("the XML of its saved image cannot be read: \(error.message)")
      }
    }
  }
}
