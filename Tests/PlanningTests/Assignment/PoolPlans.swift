import HostModel
import Manifests
import Planning
import TestSupport

// Short manifests with pools. The ports are 82576 at 03:00.0 and 04:00.0, with VFs from 03:10.0 and 04:10.0.

/// A Host whose pool `fast` has all 82576 ports, each with this number of VFs.
func fastHost(_ count: Int?, members: Int = 2, _ more: String = "") -> String {
  let functions = count.map { ", virtualFunctions: {count: \($0)}" } ?? ""
  return """
    ---
    apiVersion: pcipass/v1
    kind: Host
    metadata: {name: hv01}
    spec:
      driver: vfio-pci
      pools:
        - {name: fast, select: {id: "8086:10c9"}, expect: {count: \(members)}\(functions)\(more)}

    """
}

/// Two ports with this number of VFs each, which exist.
func ports(_ count: Int, node: [Int?] = [nil, nil]) -> [PCIFunction] {
  zip(["03:00.0", "04:00.0"], node).flatMap { address, node in
    port(address, count) { $0.numaNode = node }
  }
}

/// A port with this number of VFs, each in an IOMMU group of its own.
func port(_ short: String, _ count: Int, change: (inout PCIFunction) -> Void = { _ in }) -> [PCIFunction] {
  pool(
    short, count: count, autoprobe: false, change: change,
    eachVF: { function in
      onVFIO(&function)
      function.iommuGroup = 1000 + Int(function.address.bus) * 100 + (function.virtualFunction?.index ?? 0)
    })
}

extension Plan {
  /// What each claim gets, as `GUEST.NIC=BUS:DEVICE.FUNCTION`.
  var members: [String] {
    assignments.map { "\($0.guest).\($0.nic)=\("\($0.address)".dropFirst(5))" }.sorted()
  }

  var reasons: [Assignment.Reason] { assignments.map(\.reason) }
}
