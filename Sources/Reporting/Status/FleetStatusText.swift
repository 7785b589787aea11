import Documents
import Planning

/// The status of the hosts of a fleet as text for a terminal.
public struct FleetStatusText {
  private let style: Style
  private let width: Int?

  /// - Parameter width: the width of the terminal in columns; nil means no limit.
  public init(style: Style, width: Int? = nil) {
    self.style = style
    self.width = width
  }

  /// A line for each host, the worst first, then the totals.
  public func text(_ fleet: FleetStatus) -> String {
    var table = TextTable([
      .init(title: "HOST"), .init(title: "STATE"), .init(title: "NICS", dropOrder: 1),
      .init(title: "GUESTS", dropOrder: 0), .init(title: "POOLS", dropOrder: 2, isTruncatable: true),
    ])
    for host in fleet.hosts {
      table.add([
        host.host, Self.state(host), Self.words(host.nics), Self.words(host.guests),
        host.pools.map(PoolText.line).joined(separator: "; "),
      ])
    }
    let wrap = TextWrap(width: width)
    let legend = PoolText.legend(fleet.hosts.lazy.flatMap(\.pools)).map { wrap.text($0) + "\n" } ?? ""
    return table.text(style, width: width) + legend + "\n" + wrap.text(Self.totals(fleet)) + "\n"
  }

  private static func state(_ host: HostSummary) -> String {
    switch host.snapshot {
    case .missing: return "no snapshot"
    case .unreadable: return "unreadable snapshot"
    case .read: break
    case nil: if host.unavailable != nil { return "errors in its manifests" }
    }
    guard host.state == .blocked else { return host.state.words }
    return "blocked: " + host.refusals.map(\.rawValue).joined(separator: ", ")
  }

  private static func words(_ number: HostSummary.Differing?) -> String {
    number.map { "\($0.differing) of \($0.count)" } ?? "-"
  }

  private static func totals(_ fleet: FleetStatus) -> String {
    let unread = fleet.hosts.count { [.missing, .unreadable].contains($0.snapshot) }
    let counts = SyncState.allCases.map { state in
      "\(fleet.hosts.count { $0.state == state }) \(state.words)"
    }
    return "\(pluralised(fleet.hosts.count, "host")): \(counts.joined(separator: ", "))."
      + (unread > 0 ? " Without a readable snapshot: \(pluralised(unread, "host"))." : "")
  }
}
