import Documents
import HostModel
import Manifests

/// What the saved images of guests have otherwise than declared. A guest that has one restores it at its next start, with the
/// devices of then; its definition counts only afterwards.
struct SavedImages {
  struct Finding {
    let nic: String?
    let address: PCIAddress?
    let guest: String
    let domain: String
    let wanted: String
    let found: String

    var message: String {
      let what = address.map { "\($0)" } ?? "its NICs"
      return
        "the next start of \(domain) restores its saved image, in which \(what) is \(found) and should be "
        + "\(wanted): \(Self.command(domain)) removes the image, and the memory in it is lost; or start \(domain) and "
        + "shut it down in the guest"
    }

    var because: String {
      "the next start of \(domain) restores its saved image; \(Self.command(domain)) removes it, and the memory in it "
        + "is lost"
    }

    static func command(_ domain: String) -> String { "virsh managedsave-remove \(shellWord(domain))" }
  }

  private let host: HostIndex
  private let request: Request
  private let resolution: Resolution

  init(_ request: Request, _ host: HostIndex, _ resolution: Resolution) {
    self.host = host
    self.request = request
    self.resolution = resolution
  }

  /// Of the guests that are declared.
  func findings(of guests: [GuestManifest]) -> [Finding] { guests.flatMap(findings) }

  private func findings(of guest: GuestManifest) -> [Finding] {
    guard let manager = host.manager(of: guest), case .libvirt(let domain) = manager,
      let state = host.guests[manager], let image = state.image
    else { return [] }
    let placement = Placement(guest: manager, part: .persistent)
    var expected: Set<PCIAddress> = []
    var result: [Finding] = []
    for claim in guest.spec.nics {
      guard let function = resolution.functions[claim.from.value] else { continue }
      expected.insert(function.address)
      let wanted = claim.hostdev(function, in: manager, of: request.host.name, host)
      let found: String
      switch image.devices {
      case .unavailable(let reason): found = "not known (\(reason))"
      case .known(let devices):
        let present = devices.first { $0.address == function.address }
        if let present, present.isSame(inLibvirt: wanted) { continue }
        found = present?.words(in: placement) ?? Difference.absent
      }
      result.append(
        Finding(
          nic: claim.from.value.description, address: function.address, guest: guest.name, domain: domain,
          wanted: wanted.words(in: placement), found: found))
    }
    for device in image.devices.value ?? [] where !expected.contains(device.address) {
      let nic = resolution.nics[device.address]
      guard nic != nil || Ownership.nic(ofAlias: device.alias) != nil else { continue }
      result.append(
        Finding(
          nic: nic?.description, address: device.address, guest: guest.name, domain: domain,
          wanted: Difference.absent, found: device.words(in: placement)))
    }
    return result
  }

  func notices(of guests: [GuestManifest]) -> [Notice] {
    findings(of: guests).map { Notice(.savedImage, nic: $0.nic, guest: $0.guest, $0.message) } + others
  }

  /// Of guests that no manifest describes: their next start takes NICs of the Host.
  private var others: [Notice] {
    let described = Set(request.guests.compactMap { host.manager(of: $0) })
    return (host.state.libvirt.value ?? []).flatMap { guest -> [Notice] in
      guard let image = guest.image, !described.contains(.libvirt(domain: guest.name)) else { return [] }
      return (image.devices.value ?? []).compactMap { device in
        resolution.nics[device.address].map { nic in
          Notice(
            .foreign, nic: nic.description, guest: guest.name,
            "the saved image of \(guest.name) has \(device.address): its next start takes it")
        }
      }
    }
  }
}

extension HostIndex {
  /// What definitions that steps change are worth, where something else may come in their place.
  ///
  /// - Parameter said: guests of which it is said already that they restore an image.
  func restoringNotices(of steps: [Step], without said: Set<String> = []) -> [Notice] {
    var seen: Set<GuestManager> = []
    return steps.flatMap { step -> [Notice] in
      guard let placement = step.action.changedDevice?.placement,
        placement.part == .persistent,
        case .libvirt(let domain) = placement.guest, seen.insert(placement.guest).inserted,
        let state = guests[placement.guest]
      else { return [] }
      let guest = step.guest ?? domain
      var notices: [Notice] = []
      if state.image != nil, !said.contains(guest) {
        notices.append(
          Notice(
            .savedImage, guest: guest,
            "the next start of \(domain) restores its saved image, with the devices of then and not those of its "
              + "definition; \(SavedImages.Finding.command(domain)) removes the image, and the memory in it is lost"
          ))
      }
      if state.isSavedToFile {
        notices.append(
          Notice(
            .savedToFile, guest: guest,
            "\(domain) was shut off by virsh save: virsh restore brings back the devices of then, and virsh start "
              + "those of its definition"))
      }
      if state.snapshots > 0 {
        let count = state.snapshots == 1 ? "a snapshot" : "\(state.snapshots) snapshots"
        notices.append(
          Notice(
            .snapshots, guest: guest,
            "\(domain) has \(count): a revert brings back the definition of then; plan again afterwards"))
      }
      return notices
    }
  }
}
