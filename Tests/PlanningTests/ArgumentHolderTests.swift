import HostModel
import Planning
import TestSupport
import Testing

/// A domain that assigns a function to QEMU with an argument, which libvirt does not manage.
@Suite("A function in <qemu:commandline>")
struct ArgumentHolderTests {
  private let lan = "name: lan, select: {address: '0000:03:00.0'}"
  private let allowed = ", allow: [ownership], because: agreed"
  private let argument = Hostdev(
    address: pci("03:00.0"), alias: "pcipass-lan", isManaged: false, driver: "vfio-pci",
    isCommandLineArgument: true)

  @Test(
    "is refused for every claim, with or without an allowance, while the guest is off",
    arguments: ["a", "b"])
  func held(claimant: String) {
    let state = state([nic("03:00.0")], libvirt: [off("a", [argument]), off("b")])
    for text in [lan, lan + allowed] {
      let plan = plan(host(text), guest(claimant, "name: lan, from: lan"), on: state)
      #expect(Set(plan.codes) == [.ownership] && plan.ids == [], "\(text)")
    }
  }

  @Test("counts as unmarked even with pcipass's id, and is left alone, also with --prune")
  func unmarked() {
    let state = state([nic("03:00.0")], libvirt: [off("a", [argument])])
    let plan = plan(host(lan), guest("a"), on: state, prune: true)
    #expect(plan.ids == [] && plan.codes == [] && plan.notices.map(\.code) == [.foreign])
  }

  @Test("is left out by import, with a remark")
  func imported() {
    let result = Import(
      state([nic("03:00.0")], libvirt: [off("a", [argument])]), Import.Options(host: "kvm01"))
    #expect(result.guests == [] && result.plan.ids == [])
    #expect(result.remarks.contains { $0.subject == "0000:03:00.0" })
  }
}
