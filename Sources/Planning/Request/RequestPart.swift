import HostModel

/// The part of a host that a run plans, as a stable keyword of the JSON format.
public enum RequestPart: String, CaseIterable, Sendable {
  case everything
  /// Modules, drivers, the numbers of VFs and their settings. Neither libvirt nor QEMU is asked what guests
  /// have (`--part host`).
  case host
}

extension Request {
  /// The same request for the whole host.
  public var ofEverything: Request {
    var result = self
    result.part = .everything
    return result
  }
}

extension HostIndex {
  /// Returns the host as a run of this part sees it. A snapshot may contain guests; they do not count in a run
  /// that does not look at them.
  func seen(by part: RequestPart) -> HostIndex {
    switch part {
    case .everything: self
    case .host: state.hidesGuests ? self : HostIndex(state.withoutGuests)
    }
  }
}
