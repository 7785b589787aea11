import HostModel

/// Tells each VF its number, the N of the `virtfnN` by which its PF names it, and its NUMA node: the VF is
/// on a bus of the same root complex.
enum VirtualFunctions {
  static func resolve(_ functions: inout [ReadFunction]) {
    var places: [PCIAddress: VirtualFunction] = [:]
    var nodes: [PCIAddress: Int] = [:]
    for function in functions where function.value.sriov != nil {
      nodes[function.value.address] = function.value.numaNode
      for (index, address) in function.virtualFunctions where index <= 65535 {
        places[address] = VirtualFunction(physicalFunction: function.value.address, index: index)
      }
    }
    var counts: [PCIAddress: Int] = [:]
    for function in functions {
      if let physical = function.physicalFunction { counts[physical, default: 0] += 1 }
    }
    for position in functions.indices {
      // A VF that its PF does not name exists all the same.
      let named = functions[position].virtualFunctions.count
      let count = max(named, counts[functions[position].value.address] ?? 0)
      functions[position].value.sriov?.count = count
      guard let physical = functions[position].physicalFunction else { continue }
      functions[position].value.numaNode = nodes[physical]
      if let place = places[functions[position].value.address], place.physicalFunction == physical {
        functions[position].value.virtualFunction = place
      } else {
        functions[position].value.unreadable.append("physfn: \(physical) names no such virtual function")
      }
    }
  }

  /// What the PFs hold of the VFs. The PFs themselves need not be among the functions.
  static func tellSettings(
    _ functions: inout [ReadFunction], _ places: [PCIAddress: [InterfacePlace]]?, _ tree: borrowing Tree,
    _ scratch: Scratch
  ) {
    guard functions.contains(where: { $0.value.virtualFunction != nil }) else { return }
    var interfaces = (places ?? [:]).mapValues { $0.map(\.name) }
    for function in functions where interfaces[function.value.address] == nil {
      interfaces[function.value.address] = function.interfaces.map(\.name)
    }
    let reports: Result<VFReports, NoAnswer>
    do throws(NoAnswer) {
      reports = .success(try tree.isLive ? VFReports.read() : VFReports.read(captured: tree, scratch))
    } catch {
      reports = .failure(error)
    }
    for position in functions.indices {
      guard let place = functions[position].value.virtualFunction else { continue }
      functions[position].value.virtualFunction?.settings = settings(of: place, interfaces, reports)
    }
  }

  private static func settings(
    of place: VirtualFunction, _ interfaces: [PCIAddress: [String]], _ reports: Result<VFReports, NoAnswer>
  ) -> Observed<VFSettings> {
    let names = interfaces[place.physicalFunction] ?? []
    guard !names.isEmpty else {
      return .unavailable("its PF \(place.physicalFunction) has no interface to be seen")
    }
    switch reports {
    case .failure(let problem): return .unavailable(problem.reason)
    case .success(let reports):
      guard let found = names.lazy.compactMap({ reports.settings[$0]?[place.index] }).first else {
        return .unavailable("\(names[0]) tells nothing of its VF \(place.index)")
      }
      return .known(found)
    }
  }
}
