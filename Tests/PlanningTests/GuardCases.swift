import HostModel
import Hosts
import Planning
import TestSupport
import Testing

/// Plans in which a guard passes the NIC `lan`, refuses it, and passes it because the manifest
/// allows it.
struct GuardCase {
  let passed: Plan
  /// The values that the guard's report in `passed` names.
  let found: [String]
  let refused: Plan
  var code: Refusal.Code
  var allowed: Plan?
}

private let agreed = ", because: agreed, allow: "
private let lan = "name: lan, select: {address: '0000:03:00.0'}"
private let reserved = host(lan + ", reserve: true")
private let winxp = guest("winxp", "name: net0, from: lan")
private let onVFIO = nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")
private let address = HostUse(.address, "192.0.2.10/24")

/// Returns the plans for a guard. The switch has no default, so that each guard needs a case.
func guardCase(_ which: Guard) throws -> GuardCase {
  switch which {
  case .hardwareID:
    let expecting = host(lan + ", reserve: true, expect: {id: '8086:10c9'}")
    return GuardCase(
      passed: plan(expecting, on: state([nic("03:00.0")])), found: ["8086:10c9"],
      refused: plan(
        expecting, on: state([nic("03:00.0") { $0.id = PCIID(vendor: 0x8086, device: 0x1521) }])),
      code: .expect)
  case .ownership:
    let state = state([nic("03:00.0", driver: "igb_uio")])
    return GuardCase(
      passed: plan(reserved, on: TestSupport.state([nic("03:00.0")])),
      found: ["igb"], refused: plan(reserved, on: state), code: .ownership,
      allowed: plan(host(lan + ", reserve: true" + agreed + "[ownership]"), on: state))
  case .unmanaged:
    let state = state([onVFIO], libvirt: [off("winxp"), off("other", [marked("03:00.0", "net0")])])
    return GuardCase(
      passed: plan(host(lan), winxp, guest("other"), on: state),
      found: ["other"],
      // An allowance to take another tool's NIC does not cover an unmanaged guest's NIC.
      refused: plan(host(lan + agreed + "[ownership, host-network]"), winxp, on: state),
      code: .ownership)
  case .hostNetwork:
    let state = state([nic("03:00.0", uses: .known([address]))])
    return GuardCase(
      passed: plan(reserved, on: TestSupport.state([nic("03:00.0")])),
      found: ["eth30"], refused: plan(reserved, on: state),
      code: .hostNetwork,
      allowed: plan(host(lan + ", reserve: true" + agreed + "[host-network]"), on: state))
  case .inUse:
    let held = nic("03:00.0", driver: "vfio-pci", override: "vfio-pci", holders: .known([qemu]))
    return GuardCase(
      passed: plan(host(lan), on: state([onVFIO])), found: [],
      refused: plan(host(lan), on: state([held])), code: .inUse)
  case .iommu:
    return GuardCase(
      passed: plan(reserved, on: state([nic("03:00.0")])), found: [],
      refused: plan(reserved, on: state([nic("03:00.0") { $0.iommuGroup = nil }])), code: .iommuOff)
  case .iommuGroup:
    let group = state([nic("03:00.0", group: 7), nic("03:00.1", group: 7)], libvirt: [off("winxp")])
    let both = host(lan + "\nname: dmz, select: {address: '0000:03:00.1'}")
    return GuardCase(
      passed: plan(both, guest("winxp", "name: net0, from: lan\nname: net1, from: dmz"), on: group),
      found: ["0000:03:00.1"], refused: plan(reserved, on: group),
      code: .iommuGroup)
  case .virtualFunctions:
    return GuardCase(
      passed: plan(reserved, on: state([nic("03:00.0")])), found: [],
      refused: plan(reserved, on: state(pool(count: 2))), code: .virtualFunctions)
  case .guestExists:
    return GuardCase(
      passed: plan(host(lan), winxp, on: state([nic("03:00.0")], libvirt: [off("winxp")])),
      found: ["winxp"], refused: plan(host(lan), winxp, on: state([nic("03:00.0")])),
      code: .guestMissing)
  case .guestRunning:
    var paused = running("winxp")
    paused.run = .paused
    return GuardCase(
      passed: plan(host(lan), winxp, on: state([nic("03:00.0")], libvirt: [running("winxp")])),
      found: ["winxp"], refused: plan(host(lan), winxp, on: state([nic("03:00.0")], libvirt: [paused])),
      code: .guestPaused)
  case .freePort:
    func withPorts(_ count: Int) -> HostState {
      var guest = running("winxp")
      guest.freePorts = count
      return state([nic("03:00.0")], libvirt: [guest])
    }
    return GuardCase(
      passed: plan(host(lan), winxp, on: withPorts(2)), found: ["winxp", "2", "1"],
      refused: plan(host(lan), winxp, on: withPorts(0)), code: .noPort)
  case .deviceName:
    let other = off("winxp", [marked("05:00.0", "net0")])
    return GuardCase(
      passed: plan(host(lan), winxp, on: state([nic("03:00.0")], libvirt: [off("winxp")])),
      found: ["winxp", "ua-pcipass-net0"],
      refused: plan(
        host(lan), winxp, on: state([nic("03:00.0"), nic("05:00.0")], libvirt: [other]),
        targets: [.nic("lan")]),
      code: .inUse)
  case .guestSlot:
    let devices = [marked("03:00.0", "net0", at: "01:00.1"), marked("05:00.0", "net1", at: "01:00.0")]
    let functions = ["03:00.0", "05:00.0"].map { nic($0, driver: "vfio-pci", override: "vfio-pci") }
    let held = functions.map { function in
      var function = function
      function.holders = .known([qemu])
      return function
    }
    let nics = host(lan + "\nname: dmz, select: {address: '0000:05:00.0'}")
    let keeping = guest("winxp", "name: net1, from: dmz")
    return GuardCase(
      passed: plan(nics, keeping, on: state(functions, libvirt: [off("winxp", devices)])),
      found: ["winxp"],
      refused: plan(nics, keeping, on: state(held, libvirt: [running("winxp", devices, live: devices)])),
      code: .guestSlot)
  case .aliasReference:
    func state(_ place: AliasReference.Usage) -> HostState {
      var device = foreign("03:00.0")
      (device.alias, device.startAlias) = (nil, "hostdev0")
      var guest = off("winxp", [device])
      guest.references = [AliasReference(usage: place, alias: "hostdev0")]
      return TestSupport.state([onVFIO], libvirt: [guest])
    }
    return GuardCase(
      passed: plan(host(lan), winxp, on: state(.override)),
      found: ["winxp"],
      refused: plan(host(lan), winxp, on: state(.argument)), code: .aliasReference)
  case .changed:
    let plan = plan(reserved, on: state([nic("03:00.0")]))
    var now = try applied(plan, to: state([nic("03:00.0")]))
    let passed = Planner.rollback(of: plan, on: now)
    now.functions[0].driver = "uio_pci_generic"
    return GuardCase(
      passed: passed, found: [], refused: Planner.rollback(of: plan, on: now),
      code: .changed)
  }
}

/// Returns the host after all steps of a plan.
func applied(_ plan: Plan, to state: HostState) throws -> HostState {
  let host = SimulatedHost(state)
  for step in plan.steps { try host.perform(step.action, step: step.id) }
  return host.state
}
