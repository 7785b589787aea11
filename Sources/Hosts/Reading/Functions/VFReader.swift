import Files
import HostModel

/// Completes VFs with what their PF has: the index (the N of `virtfnN`), the NUMA node, which a VF shares
/// with its PF, and the settings.
enum VFReader {
  /// Sets the index and the NUMA node of each VF, and the VF count of each PF.
  static func resolve(_ functions: inout [FunctionRecord]) {
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
      // The count includes VFs that have a `physfn` link to the PF but no `virtfnN` link from it.
      let named = functions[position].virtualFunctions.count
      let count = max(named, counts[functions[position].value.address] ?? 0)
      functions[position].value.sriov?.count = count
      guard let physical = functions[position].physicalFunction else { continue }
      functions[position].value.numaNode = nodes[physical]
      if let place = places[functions[position].value.address], place.physicalFunction == physical {
        functions[position].value.virtualFunction = place
      } else {
        functions[position].value.unreadable.append("physfn: \(physical) does not list this VF")
      }
    }
  }

  /// Sets the settings of each VF, which are read from its PF. The PF need not be among `functions`.
  static func readSettings(
    _ functions: inout [FunctionRecord], _ places: [PCIAddress: [InterfaceLocation]]?, _ tree: borrowing Tree,
    _ scratch: Scratch, _ helper: KernelHelper
  ) {
    guard functions.contains(where: { $0.value.virtualFunction != nil }) else { return }
    var interfaces = (places ?? [:]).mapValues { $0.map(\.name) }
    for function in functions where interfaces[function.value.address] == nil {
      interfaces[function.value.address] = function.interfaces.map(\.name)
    }
    var reports = Reports(tree, scratch, helper)
    for position in functions.indices {
      guard let place = functions[position].value.virtualFunction else { continue }
      functions[position].value.virtualFunction?.settings = settings(of: place, interfaces, &reports)
    }
  }

  private static func settings(
    of place: VirtualFunction, _ interfaces: [PCIAddress: [String]], _ reports: inout Reports
  ) -> Observed<VFSettings> {
    let names = interfaces[place.physicalFunction] ?? []
    guard !names.isEmpty else {
      return .unavailable("its PF \(place.physicalFunction) has no interface in this network namespace")
    }
    for name in names {
      switch reports.settings(by: name) {
      case .unavailable(let reason): return .unavailable(reason)
      case .known(let settings): if let found = settings[place.index] { return .known(found) }
      }
    }
    return .unavailable("\(names[0]) does not report its VF \(place.index)")
  }

  /// The VF settings by PF interface. Each PF is read once.
  private struct Reports {
    private var found: [String: Observed<[Int: VFSettings]>] = [:]
    private let captured: Observed<CapturedVFReports>?
    private let netlink: Netlink

    init(_ tree: borrowing Tree, _ scratch: Scratch, _ helper: KernelHelper) {
      netlink = Netlink(helper: helper)
      if tree.isLive {
        captured = nil
      } else {
        do throws(CaptureFailure) { captured = .known(try CapturedVFReports.read(tree)) } catch {
          captured = .unavailable(error.reason)
        }
      }
    }

    mutating func settings(by interface: String) -> Observed<[Int: VFSettings]> {
      switch captured {
      case .unavailable(let reason)?: return .unavailable(reason)
      case .known(let reports)?: return .known(reports.settings[interface] ?? [:])
      case nil: break
      }
      if let known = found[interface] { return known }
      let asked: Observed<[Int: VFSettings]>
      do throws(Netlink.Failure) { asked = .known(try netlink.virtualFunctions(of: .name(interface))) } catch
      {
        asked = .unavailable("cannot read the VF settings of \(interface): \(error)")
      }
      found[interface] = asked
      return asked
    }
  }
}
