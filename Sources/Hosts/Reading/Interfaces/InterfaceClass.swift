import Files
import Glibc
import HostModel
import SystemPackage

/// `/sys/class/net`: every interface of the network namespace that sysfs was mounted in.
struct InterfaceClass: ~Copyable {
  private let folder: SharedFolder?
  /// Which interfaces hang on which PCI function, and where in its folder. Behind virtio and other buses
  /// they are not in the function's own `net`.
  /// Nil where the class says nothing of devices.
  private(set) var places: [PCIAddress: [InterfacePlace]]?

  init(_ tree: borrowing Tree, _ scratch: Scratch) {
    folder = try? SharedFolder(tree.folder("sys/class/net"))
    guard let folder else { return }
    var found: [(PCIAddress, InterfacePlace)] = []
    var (isEmpty, hasPlainFolder) = (true, false)
    // By the names' own bytes: the kernel asks for no text, and an interface that is left out is one that nobody uses.
    let isRead: Void? = try? folder.folder.entries { name in
      isEmpty = false
      guard let link = try? folder.folder.link(name, scratch) else {
        // A plain folder, as in trees made by hand, names no device. `bonding_masters` is a file.
        hasPlainFolder = (try? folder.folder.folder(name)) != nil
        return !hasPlainFolder
      }
      // What hangs on a USB controller is no NIC of PCI's.
      if let (address, rest, isUSB) = nearestFunction(link), !isUSB,
        rest.lastComponent.elementsEqual(Bytes(cString: name))
      {
        found.append((address, InterfacePlace(name: String(cString: name), path: rest.text)))
      }
      return true
    }
    guard isRead != nil, !isEmpty, !hasPlainFolder else { return }
    var places: [PCIAddress: [InterfacePlace]] = [:]
    for (address, place) in found.sorted(by: { $0.1.name < $1.1.name }) {
      places[address, default: []].append(place)
    }
    self.places = places
  }

  /// What kind of interface this is, and what is above it. Nil where its folder cannot be read.
  borrowing func upper(
    _ name: String, _ devices: inout DeviceFolders, _ scratch: Scratch
  ) -> (kind: HostUse.Kind?, uppers: [String])? {
    guard let folder, isFileName(name) else { return nil }
    do {
      let link = try folder.folder.link(name, scratch)
      let found = try devices.folder(of: link, climbing: 2, scratch)
      return (Self.kind(found.folder, scratch), try Uppers.read(found.folder, scratch))
    } catch {
      guard error == .invalidArgument else { return nil }
    }
    do {
      let found = try folder.folder.folder(name)
      return (Self.kind(found, scratch), try Uppers.read(found, scratch))
    } catch { return nil }
  }

  private static func kind(_ folder: borrowing Folder, _ scratch: Scratch) -> HostUse.Kind? {
    if folder.has("bridge") { return .bridge }
    if folder.has("bonding") { return .bond }
    guard var rest = try? folder.read("uevent", scratch) else { return nil }
    while !rest.isEmpty {
      let line = Bytes.cut(&rest, at: UInt8(ascii: "\n"))
      if line.hasPrefix("DEVTYPE=") { return HostUse.Kind(linkKind: line.dropping(8).text) }
    }
    return nil
  }
}

extension HostUse.Kind {
  /// The kernel's name of a kind of link (IFLA_INFO_KIND, DEVTYPE).
  init?(linkKind: String) {
    switch linkKind {
    case "bridge": self = .bridge
    case "bond": self = .bond
    case "team": self = .team
    case "vlan": self = .vlan
    case "macvlan", "macvtap": self = .macvlan
    case "ipvlan", "ipvtap": self = .ipvlan
    case _ where LinkRecord.tunnels[linkKind] != nil: self = .tunnel
    default: return nil
    }
  }
}
