// swift-tools-version: 6.1
import PackageDescription

// One direction, left to right: no target imports one to its right.
//   CYAML, CKernel, CLibvirt → Files → Documents → HostModel → Manifests → Planning → Hosts → Execution → Reporting → pcipass
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

// Tests spend nearly all of their time in these targets, and are several times faster with them optimised. Assertions and
// overflow checks stay.
let optimised =
  settings + [.unsafeFlags(["-O", "-assert-config", "Debug"], .when(configuration: .debug))]

let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

let package = Package(
  name: "pcipass",
  products: [.executable(name: "pcipass", targets: ["pcipass"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
  ],
  targets: [
    .systemLibrary(name: "CYAML", providers: [.apt(["libyaml-dev"])]),
    .target(name: "CKernel"),
    .target(name: "CLibvirt"),
    .target(name: "Files", dependencies: ["CKernel", system], swiftSettings: optimised),
    .target(
      name: "Documents", dependencies: ["CYAML", "Files", system], swiftSettings: optimised,
      // The archive, so that the command runs where libyaml is not installed.
      linkerSettings: [.linkedLibrary(":libyaml.a")]),
    .target(name: "HostModel", dependencies: ["Documents"], swiftSettings: optimised),
    .target(
      name: "Manifests", dependencies: ["Files", "Documents", "HostModel", system], swiftSettings: optimised),
    .target(
      name: "Planning", dependencies: ["Files", "Documents", "HostModel", "Manifests"],
      swiftSettings: optimised),
    .target(
      name: "Hosts",
      dependencies: ["CKernel", "CLibvirt", "Files", "Documents", "HostModel", "Planning", system],
      swiftSettings: optimised),
    .target(
      name: "Execution",
      dependencies: ["CKernel", "Files", "Documents", "HostModel", "Manifests", "Planning", "Hosts", system],
      swiftSettings: optimised),
    .target(
      name: "Reporting",
      dependencies: ["Files", "Documents", "HostModel", "Manifests", "Planning", "Execution"],
      swiftSettings: settings),
    .executableTarget(
      name: "pcipass",
      dependencies: [
        "Files", "Documents", "HostModel", "Manifests", "Planning", "Hosts", "Execution", "Reporting",
        system, .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings,
      linkerSettings: [
        // Without symbols it has half the size.
        .unsafeFlags(["-use-ld=lld", "-Xlinker", "-s"], .when(platforms: [.linux], configuration: .release))
      ]),
    .target(
      name: "TestSupport",
      dependencies: ["Files", "Documents", "HostModel", "Manifests", "Planning", "Hosts"],
      path: "Tests/Support", swiftSettings: settings),
    .target(name: "Oracle", dependencies: ["HostModel"], path: "Tests/Oracle", swiftSettings: settings),
    .target(
      name: "FuzzedReaders",
      dependencies: [
        "Files", "Documents", "HostModel", "Manifests", "Planning", "Hosts", "Execution", "Reporting",
        "TestSupport",
      ], path: "Tests/Fuzz/Sources/FuzzedReaders", swiftSettings: settings),
    .testTarget(
      name: "FilesTests", dependencies: ["Files", "TestSupport", system], swiftSettings: settings),
    .testTarget(
      name: "DocumentsTests", dependencies: ["Files", "Documents", "TestSupport"], exclude: ["Golden"],
      swiftSettings: settings),
    .testTarget(
      name: "ManifestsTests", dependencies: ["Documents", "HostModel", "Manifests", "TestSupport", system],
      swiftSettings: settings),
    .testTarget(
      name: "PlanningTests",
      dependencies: ["Documents", "HostModel", "Manifests", "Planning", "Hosts", "Execution", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "HostsTests",
      dependencies: [
        "Files", "Documents", "FuzzedReaders", "HostModel", "Hosts", "Planning", "TestSupport", system,
      ],
      exclude: ["QEMU/Transcripts"], swiftSettings: settings),
    .testTarget(
      name: "ExecutionTests",
      dependencies: [
        "Files", "Documents", "HostModel", "Manifests", "Planning", "Hosts", "Execution", "Oracle",
        "TestSupport",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "ReportingTests",
      dependencies: [
        "Files", "Documents", "HostModel", "Manifests", "Planning", "Hosts", "Execution", "Reporting",
        "TestSupport",
      ], swiftSettings: settings),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "pcipass", "Files", "Documents", "Hosts", "Manifests", "Planning", "Reporting", "TestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      exclude: ["Documents/Hosts", "Faults", "Golden", "Guests", "Invalid", "Saved"],
      swiftSettings: settings
    ),
  ],
  swiftLanguageModes: [.v6]
)

// libFuzzer is linked only where Tests/Fuzz/run asks for it.
if Context.environment["PCIPASS_FUZZ"] != nil {
  package.targets += [
    .systemLibrary(name: "CLibFuzzer", path: "Tests/Fuzz/Sources/CLibFuzzer"),
    .executableTarget(
      name: "Fuzzer", dependencies: ["CLibFuzzer", "FuzzedReaders"], path: "Tests/Fuzz/Sources/Fuzzer",
      swiftSettings: settings,
      // gold, Swift's own choice, does not get along with the address sanitizer.
      linkerSettings: [.unsafeFlags(["-use-ld=lld"])]),
  ]
}
