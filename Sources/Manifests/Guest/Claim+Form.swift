import Documents
import HostModel

extension Claim {
  static let form = Form<Claim>.record(
    "GuestNIC", "A NIC that the guest claims.",
    Field(
      "name", \.name, Form<String>.nicName.located,
      "The name of the NIC in the guest; the alias of the device is made from it."),
    Field(
      "from", \.from, NICReference.form.located,
      "The host NIC NAME, NAME/N for a VF, NAME/any for any free VF, or a pool: NAME, or NAME/PORT/N for one VF."
    ),
    Field(
      "as", \.device, .choice("a device type"), default: .hostdev,
      "libvirt only: a hostdev or, for a VF, an interface of type hostdev."),
    Field(
      "bind", \.bind, .choice("a bind time"), default: .now,
      "When the passthrough driver is bound: by apply, or by libvirt when it starts the guest."),
    Field(
      "managed", \.managed, .boolean, default: true,
      "libvirt only: whether libvirt may also rebind the NIC when the guest starts and stops."),
    Field(
      "hotplug", \.hotplug, .boolean, default: true,
      "Whether apply changes a running guest; if not, the change takes effect at its next start."),
    Field(
      "numa", \.numa, .choice("prefer, require or ignore"), default: .prefer,
      "Pools and NAME/any: whether to assign what is on the guest's NUMA node, where that is known."),
    Field(
      "spread", \.spread, .choice("prefer, require or ignore"), default: .prefer,
      "Pools and NAME/any: whether to assign a port on which the guest has no other NIC."),
    table: VFSettings.claimFields.map { $0.at(\.settings) },
    make: { name, from, device, bind, managed, hotplug, numa, spread in
      Claim(
        name: name, from: from, device: device, bind: bind, managed: managed, hotplug: hotplug, numa: numa,
        spread: spread)
    })
}
