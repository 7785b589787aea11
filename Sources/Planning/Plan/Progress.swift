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
      return Progress(from.isMet(by: now), to.isMet(by: now), otherwise: "\(address) is on \(now)")
    case .resize(let address, let from, let to):
      guard let sriov = functions[address]?.sriov else {
        return .other("\(address) is gone, or has no SR-IOV")
      }
      let now = vfSet(of: address, sriov)
      return Progress(from.isMet(by: now), to.isMet(by: now), otherwise: "\(address) has \(now)")
    case .configure(let place, let from, let to):
      guard let settings = functions[place.address]?.virtualFunction?.settings else {
        return .other("\(place.address) is no virtual function, or gone")
      }
      return Progress(of: settings, at: place, from: from, to: to)
    case .attach(let hostdev, let placement): return presence(of: hostdev, in: placement, done: true)
    case .detach(let hostdev, let placement): return presence(of: hostdev, in: placement, done: false)
    }
  }

  private func presence(of hostdev: Hostdev, in placement: Placement, done isDoneWhenThere: Bool) -> Progress
  {
    guard case .known(let guest) = guest(placement.guest) else {
      return .other("what \(placement.guest.name) has is not known")
    }
    return Progress(of: hostdev, in: placement, guest, done: isDoneWhenThere)
  }
}

extension Progress {
  public init(_ isNotDone: Bool, _ isDone: Bool, otherwise found: @autoclosure () -> String) {
    self = isDone ? .done : isNotDone ? .notDone : .other(found())
  }

  /// How far a VF's settings have come.
  public init(of settings: Observed<VFSettings>, at place: VFPlace, from: VFSettings, to: VFSettings) {
    switch settings {
    case .known(let now):
      self.init(
        from.isMet(by: now), to.isMet(by: now),
        otherwise: "\(place.address) has \(to.counterpart(in: now))")
    case .unavailable(let reason):
      self = .other("what its PF holds of \(place.address) is not known: \(reason)")
    }
  }

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
