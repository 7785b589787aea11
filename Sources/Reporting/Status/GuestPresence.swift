import Documents
import HostModel

/// Whether a guest is on the host, and whether it runs.
struct GuestPresence: Sendable {
  /// The state of a guest as its manager reports it. `unknown` and `missing` are the reasons for no
  /// state.
  enum Run: String, CaseIterable, Sendable {
    case running, paused, shutoff, crashed, unknown, missing

    var words: String { self == .shutoff ? GuestState.RunState.shutoff.words : rawValue }
  }

  let run: Run
  /// Why the state of the guest is unknown.
  let unavailable: String?

  static let fields: [OutputField<GuestPresence>] = [
    OutputField("run", \.run, .choice(), "Whether it runs; missing where the host has no such guest."),
    OutputField("unavailable", \.unavailable, optional: .text, "Why its state is unknown."),
  ]
}

extension Observed<GuestState?> {
  var presence: GuestPresence {
    switch self {
    case .known(let guest?): GuestPresence(run: .init(guest.run), unavailable: guest.unavailable)
    case .known(nil): GuestPresence(run: .missing, unavailable: nil)
    case .unavailable(let reason): GuestPresence(run: .unknown, unavailable: reason)
    }
  }
}

extension GuestPresence.Run {
  init(_ state: GuestState.RunState) {
    switch state {
    case .running: self = .running
    case .paused: self = .paused
    case .shutoff: self = .shutoff
    case .crashed: self = .crashed
    case .unknown: self = .unknown
    }
  }
}
