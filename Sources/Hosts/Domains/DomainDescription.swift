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

  /// The same, understood; or why it cannot be.
  var state: Result<GuestState, Diagnostic> {
    do throws(Diagnostic) {
      let now = try now.map { text throws(Diagnostic) in try DomainXML(text, of: name) }
      let definition = try definition.map { text throws(Diagnostic) in try DomainXML(text, of: name) }
      // It may have stopped since it was listed: libvirt shows the definition then.
      guard let now, now.isRunning else {
        return .success(
          GuestState(
            name: name, run: .shutoff, persistent: (definition ?? now)?.hostdevs, live: nil,
            uuid: (definition ?? now)?.uuid, references: (definition ?? now)?.references ?? []))
      }
      return .success(
        GuestState(
          name: name, run: run, persistent: definition?.hostdevs, live: now.hostdevs,
          freePorts: now.freePorts, uuid: now.uuid, references: definition?.references ?? []))
    } catch {
      return .failure(error)
    }
  }
}
