import HostModel
import Manifests
import Planning
import TestSupport
import Testing

@testable import Execution

@Suite("Which steps may begin")
struct ScheduleTests {
  private func use(_ alone: [Resource] = [], shared: [Resource] = []) -> ResourceUse {
    ResourceUse(exclusive: Set(alone), shared: Set(shared))
  }

  @Test("those that wait for nothing, then those for which all has ended")
  func edges() {
    var schedule = Schedule(before: [[], [0], [0, 1], []], uses: Array(repeating: use(), count: 4))
    #expect(schedule.ready == [0, 3])
    schedule.begin(0)
    #expect(schedule.ready == [3])
    schedule.end(0)
    #expect(schedule.ready == [1, 3] && schedule.left == [1, 2, 3])
    schedule.begin(1)
    schedule.end(1)
    #expect(schedule.ready == [2, 3] && schedule.firstReady == 2)
  }

  @Test("none that uses what a step uses that is being done, unless both share it")
  func resources() {
    let (port, domain) = (Resource.vfCount(of: pci("03:00.0")), Resource.guest(.libvirt(domain: "a")))
    var schedule = Schedule(
      before: [[], [], [], []],
      uses: [use([domain], shared: [port]), use(shared: [port]), use([port]), use([domain])])
    schedule.begin(0)
    #expect(schedule.ready == [1])
    schedule.begin(1)
    schedule.end(0)
    #expect(schedule.ready == [3])
    schedule.end(1)
    #expect(schedule.ready == [2, 3])
  }

  @Test("a step that waits for one that is not in the plan is not kept back by it")
  func missing() {
    let step = Step(
      id: "b", action: .load(module: "b"), nic: nil, guest: nil, reason: .needed, because: "",
      disturbs: .nothing, after: ["a"], origin: nil)
    #expect(Schedule([step], uses: [use()]).ready == [0])
  }

  @Test("in an order that is given, each is behind those that used the same before it")
  func order() {
    let port = Resource.vfCount(of: pci("03:00.0"))
    #expect(
      ResourceUse.order(of: [use([port]), use(shared: [port]), use(shared: [port]), use([port]), use()])
        == [[], [0], [0], [0, 1, 2], []])
  }
}

@Suite("What steps use")
struct ResourceTests {
  private let host = state(
    [
      nic("03:00.0", group: 7) { $0.sriov = SRIOV(total: 7, count: 0, offset: 128, stride: 2) },
      nic("04:00.0", group: 8), nic("04:00.1", group: 9),
    ], libvirt: [running("a")])

  private func conflicts(_ one: Action, _ other: Action) -> Bool {
    let resources = StepResources(on: HostIndex(host))
    return resources.use(by: one).conflicts(with: resources.use(by: other))
  }

  private func bind(_ short: String) -> Action {
    .bind(pci(short), from: Binding(driver: "igb", override: nil), to: Binding(driver: nil, override: nil))
  }

  private func place(_ index: Int) -> VFLocation {
    VFLocation(address: pci("03:10.\(index * 2)"), physicalFunction: pci("03:00.0"), index: index)
  }

  private func attach(
    _ short: String, _ guest: String, _ part: Placement.Part, _ device: Hostdev.ElementKind = .hostdev
  )
    -> Action
  {
    .attach(
      Hostdev(address: pci(short), alias: nil, isManaged: true, device: device),
      Placement(guest: .libvirt(domain: guest), part: part))
  }

  @Test("a domain is one thing: its definition and what runs")
  func domain() {
    #expect(conflicts(attach("03:00.0", "a", .persistent), attach("04:00.0", "a", .live)))
    #expect(!conflicts(attach("03:00.0", "a", .live), attach("04:00.0", "b", .live)))
  }

  @Test("functions of one slot may be reset together; those of other buses are apart")
  func reset() {
    #expect(conflicts(bind("04:00.0"), bind("04:00.1")))
    #expect(!conflicts(bind("03:00.0"), bind("04:00.0")))
  }

  @Test("a PF's number of VFs waits for all that use a VF, also one that is still to come")
  func vfs() {
    let resize = Action.resize(
      pci("03:00.0"), from: VFSet(count: 0, autoprobe: nil), to: VFSet(count: 2, autoprobe: nil))
    let configure = Action.configure(place(0), from: VFSettings(trust: false), to: VFSettings(trust: true))
    for action in [configure, bind("03:10.0"), attach("03:10.2", "a", .live), bind("03:00.0")] {
      #expect(conflicts(resize, action), "\(action)")
    }
    #expect(!conflicts(resize, attach("03:10.2", "a", .persistent)))
  }

  @Test("a PF takes one setting after another, and guests give and take its VFs meanwhile")
  func settings() {
    func configure(_ index: Int) -> Action {
      .configure(place(index), from: VFSettings(trust: false), to: VFSettings(trust: true))
    }
    #expect(conflicts(configure(0), configure(1)))
    #expect(conflicts(configure(0), bind("03:10.2")))
    #expect(!conflicts(configure(0), attach("03:10.2", "a", .live)))
    #expect(!conflicts(attach("03:10.0", "b", .live), attach("03:10.2", "a", .live)))
    // libvirt sets an interface's MAC address and VLAN through the PF.
    #expect(conflicts(configure(0), attach("03:10.2", "a", .live, .interface)))
  }
}
