import HostModel
import Manifests
import Planning
import TestSupport

/// The plan of these manifests with `--part host`.
func hostPlan(_ manifests: String..., on state: HostState, targets: [Target] = []) -> Plan {
  Planner.plan(hostRequest(manifests.joined(), targets: targets), on: state)
}

func hostRequest(_ manifests: String, targets: [Target] = []) -> Request {
  var request = request(manifests, targets: targets)
  request.part = .host
  return request
}

extension Plan {
  /// The notices other than those about the devices of guests.
  var otherRemarks: [String] {
    notices.filter { $0.code != .notLookedAt }.map { "\($0.code): \($0.message)" }
  }

  /// The ids of the steps that are about no guest's device.
  var hostIDs: [String] { steps.filter { $0.action.guest == nil }.map(\.id) }
}

/// A host whose libvirt and QEMU cannot be asked.
func silent(
  _ functions: [PCIFunction], drivers: [String] = ["igb", "pci-stub", "pcieport", "vfio-pci"],
  change: (inout HostState) -> Void = { _ in }
) -> HostState {
  state(functions, drivers: .known(drivers)) { state in
    (state.libvirt, state.qemu) = (.unavailable("no libvirtd"), .unavailable("no socket"))
    change(&state)
  }
}
