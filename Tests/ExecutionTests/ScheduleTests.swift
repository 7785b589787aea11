import HostModel
import Manifests
import Planning
import TestSupport
import Testing

@testable import Execution

@Suite("The schedule of steps")
struct ScheduleTests {
  private func use(_ alone: [Resource] = [], shared: [Resource] = []) -> ResourceUse {
    ResourceUse(exclusive: Set(alone), shared: Set(shared))
  }

  @Test("releases a step when all steps that it waits for have ended")
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

  @Test("holds back a step while a running step uses the same resource, unless both share it")
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

  @Test("ignores a dependency on a step that is not in the plan")
  func missing() {
    let step = Step(
      id: "b", action: .load(module: "b"), nic: nil, guest: nil, reason: .needed, because: "",
      disturbs: .nothing, after: ["a"], origin: nil)
    #expect(Schedule([step], uses: [use()]).ready == [0])
  }

  @Test("orders each step after earlier steps that use the same resource, unless both share it")
  func order() {
    let port = Resource.vfCount(of: pci("03:00.0"))
    #expect(
      ResourceUse.order(of: [use([port]), use(shared: [port]), use(shared: [port]), use([port]), use()])
        == [[], [0], [0], [0, 1, 2], []])
  }
}

@Suite("The resources of steps")
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

  @Test("Steps on the definition and the running guest of one domain exclude each other")
  func domain() {
    #expect(conflicts(attach("03:00.0", "a", .persistent), attach("04:00.0", "a", .live)))
    #expect(!conflicts(attach("03:00.0", "a", .live), attach("04:00.0", "b", .live)))
  }

  @Test("Steps on functions of one slot exclude each other, because a reset may affect both")
  func reset() {
    #expect(conflicts(bind("04:00.0"), bind("04:00.1")))
    #expect(!conflicts(bind("03:00.0"), bind("04:00.0")))
  }

  @Test("A resize excludes steps that use a VF of the PF, also one that does not exist yet")
  func vfs() {
    let resize = Action.resize(
      pci("03:00.0"), from: VFSet(count: 0, autoprobe: nil), to: VFSet(count: 2, autoprobe: nil))
    let configure = Action.configure(place(0), from: VFSettings(trust: false), to: VFSettings(trust: true))
    for action in [configure, bind("03:10.0"), attach("03:10.2", "a", .live), bind("03:00.0")] {
      #expect(conflicts(resize, action), "\(action)")
    }
    #expect(!conflicts(resize, attach("03:10.2", "a", .persistent)))
  }

  @Test("VF settings of one PF exclude each other, but not an attach of another VF as a hostdev")
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
