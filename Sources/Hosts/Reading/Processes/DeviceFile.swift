import Files
import HostModel

/// A device file by which a process has a function.
enum DeviceFile: Hashable {
  /// A VFIO group: `/dev/vfio/8`, or without an IOMMU `/dev/vfio/noiommu-8`.
  case group(Int, isWithoutIOMMU: Bool)
  /// A function's own VFIO device: `/dev/vfio/devices/vfio3`.
  case device(Int)
  /// `/dev/infiniband/uverbs0`, `umad0`: the driver stays bound.
  case infiniBand(String)
}

extension DeviceFile {
  /// What a link in `/proc/PID/fd` leads to; ` (deleted)` stands behind it where the function was unbound since.
  init?(_ link: Bytes) {
    guard link.hasPrefix("/dev/") else { return nil }
    var rest = link.dropping(5)
    rest = Bytes.cut(&rest, at: UInt8(ascii: " "))
    if rest.hasPrefix("infiniband/") {
      let name = rest.dropping(11)
      guard name.hasPrefix("uverbs") || name.hasPrefix("umad") || name.hasPrefix("issm") else { return nil }
      self = .infiniBand(name.text)
      return
    }
    guard rest.hasPrefix("vfio/") else { return nil }
    rest = rest.dropping(5)
    let number: Int?
    if rest.hasPrefix("devices/vfio") {
      number = rest.dropping(12).decimal
      self = .device(number ?? 0)
    } else {
      let isWithoutIOMMU = rest.hasPrefix("noiommu-")
      number = rest.dropping(isWithoutIOMMU ? 8 : 0).decimal
      self = .group(number ?? 0, isWithoutIOMMU: isWithoutIOMMU)
    }
    if number == nil { return nil }
  }

  /// Nil for a group with an IOMMU, whose number means nothing to people.
  var path: String? {
    switch self {
    case .group(let number, isWithoutIOMMU: true): "/dev/vfio/noiommu-\(number)"
    case .infiniBand(let name): "/dev/infiniband/" + name
    case .group, .device: nil
    }
  }
}
