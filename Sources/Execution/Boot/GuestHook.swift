import Documents
import HostModel
import Hosts
import Manifests
import Planning

/// Decides whether libvirt may start a domain. The hook asks neither libvirt, which waits for it, nor QEMU.
public struct GuestHook {
  private let folder: String
  private let host: HostIndex

  /// - Parameters:
  ///   - folder: the path of the state folder.
  ///   - host: the host, without its guests.
  public init(_ folder: String, on host: HostIndex) {
    self.folder = folder
    self.host = host
  }

  /// Why a domain must not start.
  public enum HeldReason: Sendable, Equatable {
    /// A run of another boot is not undone yet, and has changed the domain.
    case unfinished(run: String, isOpen: Bool)
    case boot(BootProblem)
  }

  /// Returns the reason why the domain must not start, or `nil`.
  ///
  /// - Throws: if the journals or the boot record cannot be read.
  public func refusal(of domain: GuestState) throws(Diagnostics) -> HeldReason? {
    let store = JournalStore(folder)
    let unfinished = try store.obstacle()?.journal
    let isOfOtherBoot = unfinished?.isOfOtherBoot(than: host.state) ?? false
    // The settings of a run that waits for its confirmation count until then.
    let record = try BootStore(folder).load().catchingUp(with: store, asIfConfirmed: !isOfOtherBoot)
    var inFlux: Set<PCIAddress> = []
    if let unfinished {
      if isOfOtherBoot {
        if unfinished.isAbout(domain) { return .unfinished(run: unfinished.name, isOpen: unfinished.isOpen) }
      } else if unfinished.isOpen {
        inFlux = Set(unfinished.header.plan.steps.compactMap(\.action.function))
      }
    }
    guard let problem = GuestStart.problem(of: domain, in: record.without(inFlux), on: host) else {
      return nil
    }
    return .boot(problem)
  }
}

extension BootRecord {
  fileprivate func without(_ functions: Set<PCIAddress>) -> BootRecord {
    functions.reduce(self) { $0.forgetting($1) }
  }
}

extension Journal {
  /// Whether a step of the run is about the domain.
  fileprivate func isAbout(_ domain: GuestState) -> Bool {
    header.plan.steps.contains { step in
      guard let guest = step.action.guest, guest.kind == .libvirt else { return false }
      return step.guestUUID.map { $0 == domain.uuid } ?? (guest.name == domain.name)
    }
  }
}
