import Documents
import Foundation
import HostModel
import TestSupport
import Testing

@testable import Planning
@testable import Reporting

@Suite("The output of doctor")
struct DoctorTextTests {
  @Test("has exactly the codes and severities that docs/doctor.md explains")
  func document() throws {
    let text = try String(contentsOf: projectFolder.appending(path: "docs/doctor.md"), encoding: .utf8)
    var rows: [String: String] = [:]
    for row in text.matches(of: /(?m)^\| `([a-z-]+)` \| (error|warning|note) \| \S.* \| \S.* \| \S.* \|$/) {
      #expect(rows.updateValue("\(row.2)", forKey: "\(row.1)") == nil, "\(row.1) stands there twice")
    }
    let codes = Dictionary(
      uniqueKeysWithValues: Check.Code.allCases.map { ($0.rawValue, $0.severity.rawValue) })
    #expect(rows == codes)
    // The document lists the codes in the order of the output.
    let order = Check.Code.allCases.map { text.range(of: "| `\($0.rawValue)` |")?.lowerBound }
    #expect(zip(order, order.dropFirst()).allSatisfy { ($0 ?? text.endIndex) < ($1 ?? text.startIndex) })
    for section in Check.Section.allCases { #expect(text.contains("`\(section.rawValue)`")) }
  }

  @Test("has one line for a passed check, and details and help for a finding")
  func text() {
    let text = DoctorText(style: .plain).text(
      Diagnosis(
        host: "hv01",
        checks: [
          .fine(.iommuOff, "it is on", details: ["not shown"]),
          .found(.noReset, "it cannot be reset", details: ["which"], help: "type this"),
          .found(.libvirtAbsent, "it is absent", help: "nothing"),
          .unknown(.kvmMissing, "whether", "-"),
        ]))
    #expect(
      text == """
        Virtualization
          unknown  whether is unknown: -

        IOMMU
          ok       it is on

        Resets
          warning  it cannot be reset [no-reset]
                     which
                   help: type this

        libvirt and QEMU
          note     it is absent [libvirt-absent]
                   help: nothing

        hv01: 1 warning, 1 note, 1 unknown, 1 ok.

        """)
  }

  @Test(
    "has no invisible characters or extra lines from hostile names",
    arguments: HostileNames.combined)
  func hostile(name: String) {
    for (state, survey) in [(Self.state(name), Self.survey(name)), (Self.state(name), Survey(unknown: name))]
    {
      let diagnosis = Doctor.examine(state, survey)
      let text = DoctorText(style: .plain).text(diagnosis)
      #expect(
        HostileNames.invisibleCharacters(in: text) == [] && !text.contains("\t"), "\(text.debugDescription)")
      // A name adds no line.
      let shown = diagnosis.checks.filter { $0.severity != .ok }
      let sections = Set(diagnosis.checks.map(\.code.section)).count
      let lines =
        diagnosis.checks.count + shown.reduce(0) { $0 + $1.details.count + ($1.help == nil ? 0 : 1) }
        + 2 * sections + 1
      #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count == lines + 1)
      let json = DoctorJSON.form.encode(diagnosis).text
      #expect(HostileNames.invisibleCharacters(in: json).allSatisfy { $0.value > 0xFFFF })
      #expect((try? JSONSerialization.jsonObject(with: Data(json.utf8))) != nil)
    }
  }

  private static func state(_ name: String) -> HostState {
    func function(_ address: String, _ change: (inout PCIFunction) -> Void) -> PCIFunction? {
      PCIAddress(address).map { address in
        var function = PCIFunction(
          address: address, id: PCIID(vendor: 0x8086, device: 0x10c9), deviceClass: PCIClass(0x020000),
          name: name)
        change(&function)
        return function
      }
    }
    return HostState(
      host: name,
      kernel: Kernel(
        release: name, commandLine: .known("pcie_acs_override=\(name) vfio-pci.ids=\(name)"),
        processor: .intel,
        drivers: .unavailable(name), modules: .unavailable(name),
        bootLoaderFiles: ["/boot/loader/entries/" + name]),
      functions: [
        function("0000:03:00.0") {
          $0.iommuGroup = 1
          $0.driverOverride = name
          $0.holders = .known([Holder(process: 1, command: name)])
        },
        function("0000:03:00.1") {
          $0.iommuGroup = 1
          $0.driver = name
          $0.deviceClass = PCIClass(0)
          $0.holders = .unavailable(name)
          $0.unreadable = [name]
        },
        function("0000:04:00.0") {
          $0.interfaces = [NetworkInterface(name: name, uses: .unavailable(name))]
        },
      ].compactMap { $0 },
      libvirt: .known([GuestState(name: name, run: .running, persistent: nil, live: [], freePorts: 0)]),
      qemu: .known([
        GuestState(name: name, run: .unknown, persistent: nil, live: nil, unavailable: name),
        GuestState(name: name, run: .running, persistent: nil, live: []),
      ]), unreadable: [name])
  }

  private static func survey(_ name: String) -> Survey {
    var survey = Survey(unknown: name)
    survey.kvm = .known(.refused(name))
    survey.bootLines = .known([BootLine(file: name, line: 1, setting: name, parameters: ["intel_iommu=off"])])
    survey.vfioModule = .known(.loadable(name))
    survey.moduleParameters = .known(["vfio_iommu_type1.allow_unsafe_interrupts": "Y", name: name])
    survey.moduleOptions = .known([
      ModuleOption(
        file: name, line: 1, module: "vfio_iommu_type1", settings: ["allow_unsafe_interrupts=" + name]),
      ModuleOption(file: name, line: 2, module: "vfio_pci", settings: ["ids=" + name]),
    ])
    survey.resets = .known(
      Dictionary(
        ["0000:03:00.0", "0000:04:00.0"].compactMap { PCIAddress($0) }.map {
          ($0, ResetMethods(isPossible: $0.bus == 3, names: [name]))
        }, uniquingKeysWith: { one, _ in one }))
    survey.lockers = .known([
      MemoryLocker(
        process: 2, command: name, kind: .guest, limit: 0, resident: nil, isExempt: false,
        canRaiseLimit: false)
    ])
    survey.daemons = .known([name])
    survey.emulators = .known([Emulator(path: name, version: .unavailable(name))])
    survey.stateFolder = .known(.refused(name))
    survey.driverctl = .known(
      Dictionary(
        [PCIAddress("0000:03:00.0")].compactMap { $0 }.map { ($0, name) }, uniquingKeysWith: { one, _ in one }
      ))
    return survey
  }
}
