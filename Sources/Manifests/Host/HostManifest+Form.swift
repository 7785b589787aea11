import Documents
import HostModel

/// The `apiVersion` of manifests.
public let manifestVersion = "pcipass/v1"

extension HostManifest {
  /// The form of a Host document.
  public static let form = Form<HostManifest>.record(
    "Host", "A host and its NICs that may be assigned: the allow-list.",
    .manifestVersion, .manifestKind("Host"),
    Field(
      "metadata", \.metadata, Metadata.form("Host"),
      "The name of the host: the hostname of the machine, or the value of --host."),
    Field("spec", \.spec, Spec.form, "Which NICs may be assigned."),
    make: { _, _, metadata, spec in HostManifest(metadata: metadata, spec: spec) })
}

extension HostManifest.Spec {
  static let form = Form<HostManifest.Spec>.record(
    "HostSpec", "Which NICs of the host may be assigned.",
    Field(
      "class", \.hostClass, optional: Form<String>.hostName.located,
      "The HostClass whose NICs and pools the host has too. An entry here replaces the one of the same name."
    ),
    driver, nics, Field("pools", \.pools, .list(of: NICPool.form, upTo: 256), default: [], poolsAbout),
    rules: [.some(["class", "nics", "pools"])],
    make: { HostManifest.Spec(hostClass: $0, driver: $1, nics: $2 ?? [], pools: $3) })

  static let formOfClass = Form<HostManifest.Spec>.record(
    "HostClassSpec", "Which NICs may be assigned on each host of the class.",
    driver, nics, Field("pools", \.pools, .list(of: NICPool.formOfClass, upTo: 256), default: [], poolsAbout),
    rules: [.some(["nics", "pools"])],
    make: { HostManifest.Spec(driver: $0, nics: $1 ?? [], pools: $2) })

  private static let driver = Field<HostManifest.Spec, Located<PassthroughDriver>?>(
    "driver", \.driver, optional: PassthroughDriver.form.located,
    "The passthrough driver of all NICs. `auto` selects the variant driver that the kernel recommends. If not given, a NIC stays on any VFIO driver, and other NICs are bound to vfio-pci."
  )
  private static let nics = Field<HostManifest.Spec, [HostNIC]?>(
    "nics", \.writtenNICs, optional: .list(of: HostNIC.form, upTo: 4096),
    "The NICs that may be assigned; pcipass never changes a NIC that is neither here nor in a pool.")
  /// The NICs, or nil if the key can be left out.
  private var writtenNICs: [HostNIC]? {
    nics.isEmpty && (hostClass != nil || !pools.isEmpty) ? nil : nics
  }

  private static let poolsAbout = "NICs that guests claim without naming one."
}

extension HostNIC {
  static let form = Form<HostNIC>.record(
    "HostNIC", "A NIC that may be assigned.",
    Field("name", \.name, Form<String>.nicName.located, "The name by which guests claim it."),
    Field("select", \.select, Selector.form.located, "Selects the PCI function."),
    Field(
      "expect", \.expect, optional: Expectation.form.located,
      "What the hardware must be; a plan is refused if the hardware differs."),
    Field(
      "driver", \.driver, optional: PassthroughDriver.form.located,
      "The passthrough driver of this NIC; if not given, `spec.driver`."),
    Field(
      "reserve", \.reserve, .boolean, default: false,
      "Keep the NIC on the passthrough driver even while no guest claims it."),
    Field(
      "virtualFunctions", \.virtualFunctions, optional: VirtualFunctions.form.located,
      "Split the NIC into VFs, which guests claim as NAME/0, NAME/1 and so on. If not given, its VFs are left unchanged."
    ),
    Field(
      "allow", \.allow, .list(of: Allowance.form, upTo: 8), default: [],
      "Checks whose failure is allowed for this NIC. `foreign-owner` is the former name of `ownership`."),
    Field(
      "because", \.because, optional: .prose(upTo: 1000),
      "Why these failures are allowed; each plan that needs `allow` shows the reason. Required with `allow`."),
    rules: [.requires("allow", "because")], make: HostNIC.init)
}

extension Allowance {
  static let form = Form<Allowance>.choice(
    "a check whose failure can be allowed", former: ["foreign-owner": .ownership])
}
