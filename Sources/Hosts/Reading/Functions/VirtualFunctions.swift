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
}
