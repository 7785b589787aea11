import Documents
import HostModel
import Manifests

/// How far a step has come, told from the host alone.
public enum Progress: Sendable, Equatable {
  case notDone
  case done
  /// Neither its first state nor its last: what is there instead.
  case other(String)
}

extension HostIndex {
  func progress(of action: Action) -> Progress {
    switch action {
    case .load(let module): return drivers?.contains(module) ?? true ? .done : .notDone
    case .bind(let address, let from, let to):
      guard let function = functions[address] else { return .other("\(address) is gone") }
      let now = Binding(of: function)
      if to.isMet(by: now) { return .done }
      return from.isMet(by: now) ? .notDone : .other("\(address) is on \(now)")
    case .attach(let hostdev, let placement): return presence(of: hostdev, in: placement, done: true)
    case .detach(let hostdev, let placement): return presence(of: hostdev, in: placement, done: false)
    }
  }

  private func presence(of hostdev: Hostdev, in placement: Placement, done isDoneWhenThere: Bool) -> Progress
  {
    guard case .known = state.guests(of: placement.guest) else {
      return .other("what \(placement.guest.name) has is not known")
    }
    return Progress(
      of: hostdev, in: placement, guests[placement.guest], done: isDoneWhenThere)
  }
}

extension Progress {
  /// How far an attach (done when the device is there) or a detach (done when it is not) has come in a guest. One
  /// that does not run, or is gone, has nothing.
  public init(of hostdev: Hostdev, in placement: Placement, _ guest: GuestState?, done isDoneWhenThere: Bool)
  {
    let isThere = (guest?.hostdevs(placement.part) ?? []).contains { other in
      switch placement.guest {
      // A device that is replaced by the same one, managed otherwise, is another.
      case .libvirt: other.isSame(inLibvirt: hostdev)
      case .qemu: other.address == hostdev.address && other.alias == hostdev.alias
      }
    }
    self = isThere == isDoneWhenThere ? .done : .notDone
  }
}

extension HostState {
  /// How far a step has come on this host.
  public func progress(of action: Action) -> Progress { HostIndex(self).progress(of: action) }
}
