import Documents
import Files
import HostModel
import Manifests

/// Differences between the saved images of guests and their manifests. The next start of a guest with a saved
/// image restores the devices in the image; its definition applies only to later starts.
struct SavedImages {
  private let host: HostIndex
  private let request: Request
  private let resolution: Resolution

  init(_ resolved: ResolvedRequest) {
    host = resolved.host
    request = resolved.request
    resolution = resolved.resolution
  }

  /// Returns the differences of declared guests.
  func differences(of guests: [GuestManifest]) -> [SavedImageDifference] { guests.flatMap(differences) }

  private func differences(of guest: GuestManifest) -> [SavedImageDifference] {
    guard let manager = host.manager(of: guest), manager.traits.hasDefinition,
      let state = host.guests[manager], let image = state.image
    else { return [] }
    let placement = Placement(guest: manager, part: .persistent)
    var expected: Set<PCIAddress> = []
    var result: [SavedImageDifference] = []
    for claim in guest.spec.nics {
      guard let function = resolution.functions[claim.from.value] else { continue }
      expected.insert(function.address)
      let desired = claim.hostdev(function, in: manager, of: request.host.name, host)
      let observed: String
      switch image.devices {
      case .unavailable(let reason): observed = "unknown (\(reason))"
      case .known(let devices):
        let present = devices.first { $0.address == function.address }
        if let present, present.isSame(inLibvirt: desired) { continue }
        observed = present?.words(in: placement) ?? Difference.absent
      }
      result.append(
        SavedImageDifference(
          nic: claim.from.value.description, address: function.address, guest: guest.name,
          domain: manager.name,
          desired: desired.words(in: placement), observed: observed))
    }
    for device in image.devices.value ?? [] where !expected.contains(device.address) {
      let nic = resolution.nics[device.address]
      guard nic != nil || Ownership.nic(ofAlias: device.alias) != nil else { continue }
      result.append(
        SavedImageDifference(
          nic: nic?.description, address: device.address, guest: guest.name, domain: manager.name,
          desired: Difference.absent, observed: device.words(in: placement)))
    }
    return result
  }

  func notices(of guests: [GuestManifest]) -> [Notice] {
    differences(of: guests).map { Notice(.savedImage, nic: $0.nic, guest: $0.guest, $0.message) } + others
  }

  /// Notices about guests that no manifest describes, whose next start uses NICs of the Host.
  private var others: [Notice] {
    let described = Set(request.guests.compactMap { host.manager(of: $0) })
    return (host.state.libvirt.value ?? []).flatMap { guest -> [Notice] in
      guard let image = guest.image, !described.contains(.libvirt(domain: guest.name)) else { return [] }
      return (image.devices.value ?? []).compactMap { device in
        resolution.nics[device.address].map { nic in
          Notice(
            .foreign, nic: nic.description, guest: guest.name,
            "the saved image of \(guest.name) has \(device.address): the next start of the guest assigns it")
        }
      }
    }
  }
}

/// A device of a saved image that differs from the manifest.
struct SavedImageDifference {
  let nic: String?
  let address: PCIAddress?
  let guest: String
  let domain: String
  let desired: String
  let observed: String

  var message: String {
    let what = address.map { "\($0)" } ?? "its NICs"
    return
      "the next start of \(domain) restores its saved image, in which \(what) is \(observed) and should be "
      + "\(desired); to remove the image and the memory in it: \(Self.command(domain)); or start \(domain) and shut it "
      + "down from inside"
  }

  var because: String {
    "the next start of \(domain) restores its saved image; to remove the image and the memory in it: "
      + Self.command(domain)
  }

  static func command(_ domain: String) -> String { "virsh managedsave-remove \(shellWord(domain))" }
}
