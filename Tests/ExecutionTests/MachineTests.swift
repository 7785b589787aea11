import HostModel
import Planning
import TestSupport
import Testing

@testable import Execution

@Suite("The host check of plans and journals")
struct MachineTests {
  private static let one = "11111111111111111111111111111111"
  private static let other = "22222222222222222222222222222222"
  private static let boot = "00000000-0000-4000-8000-000000000001"

  private func state(_ name: String, _ machine: String?, boot: String? = nil) -> HostState {
    var state = TestSupport.state([nic("03:00.0")])
    (state.host, state.machine, state.kernel.bootID) = (name, machine, boot)
    return state
  }

  private func plan(_ machine: String?) -> Plan {
    var plan = smallPlan
    plan.machine = machine
    return plan
  }

  @Test("compares machine IDs where both are known, whatever the host names")
  func machine() {
    let plan = plan(Self.one)
    #expect(plan.hostMatch(on: state("dhcp-17", Self.one), named: nil) == .sameHost)
    #expect(plan.hostMatch(on: state(plan.host, Self.other), named: nil) == .otherMachine)
    #expect(plan.hostMatch(on: state(plan.host, Self.other), named: plan.host) == .otherMachine)
  }

  @Test("accepts a host name that the operator gives only where the plan has it")
  func named() {
    let plan = plan(Self.one)
    #expect(plan.hostMatch(on: state("dhcp-17", Self.one), named: plan.host) == .sameHost)
    #expect(plan.hostMatch(on: state(plan.host, Self.one), named: "hv99") == .otherName)
  }

  @Test("compares host names where a machine ID is unknown")
  func unknown() {
    for (one, other) in [(nil, nil), (Self.one, nil), (nil, Self.one)] {
      let plan = plan(one)
      #expect(plan.hostMatch(on: state(plan.host, other), named: nil) == .sameHost)
      #expect(plan.hostMatch(on: state("dhcp-17", other), named: nil) == .otherName)
    }
  }

  @Test("accepts another host name in the boot in which the journal was written")
  func sameBoot() {
    let journal = journal(1, header(plan(nil), boot: Self.boot), [.ended(.success)])
    #expect(journal.hostMatch(on: state("dhcp-17", nil, boot: Self.boot), named: nil) == .sameHost)
    #expect(journal.hostMatch(on: state("dhcp-17", nil, boot: "x"), named: nil) == .otherName)
    #expect(journal.hostMatch(on: state("dhcp-17", nil, boot: Self.boot), named: "hv99") == .otherName)
  }

  @Test("hashes a machine ID as systemd-id128 does for an application")
  func hashed() {
    // systemd-id128 show --app-specific=2bcff401-2fc7-43bb-871b-21e08d585b45 0123456789abcdef0123456789abcdef
    #expect(MachineID.hashed("0123456789abcdef0123456789abcdef") == "c61a5a542b5a43678197a381f2153f69")
    for text in [
      "", "uninitialized", "00000000000000000000000000000000", "0123456789ABCDEF0123456789ABCDEF",
      "0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcdef0",
      "0123456789abcdef0123456789abcdeg",
    ] {
      #expect(MachineID.hashed(text) == nil, "\(text)")
    }
  }

  @Test("reads journals and plans of versions without a machine ID")
  func older() throws {
    let journal = journal(1, header(), [.ended(.success)])
    let text = String(decoding: journal.bytes, as: UTF8.self)
    #expect(!text.contains("machine") && !text.contains("\"run\""))
    #expect(try journal.readAgain()?.header.plan.machine == nil)
  }
}
