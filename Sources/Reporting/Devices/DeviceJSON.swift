import Documents
import HostModel
import Manifests
import Planning

/// The functions of a host as JSON.
public enum DeviceJSON {
  /// The document of the kind `DeviceList`: each function as in a snapshot, with the guests that have it, the
  /// claim on it and whether it can be assigned.
  public static let form = OutputForm<DeviceSelection>.document(
    kind: "DeviceList", "The functions of a host.", host: \.inventory.host,
    [
      OutputField("devices", \.devices, .list(of: device), "The functions, in the order of their addresses."),
      OutputField(
        "unavailable", { unique($0.inventory.unknown) }, .list(of: .text),
        "Why it is unknown which functions some guests have."),
    ])

  private static let device = PCIFunction.form.output.extended(
    as: "Device", { (device: Labelled<InventoryDevice>) in device.function },
    [
      OutputField(
        "guests", { device in device.guests.map { Labelled(value: $0, labels: device.labels) } },
        .list(of: AssignedGuest.form), "The guests that have it."),
      OutputField(
        "network", \.network?.name, optional: .text, "The libvirt network that assigns it to guests."),
      OutputField(
        "manifest", \.manifest, optional: claim, "The declaration of the function in the manifests."),
      OutputField(
        "assignable", \.assignable, optional: Availability.form,
        "Whether it can be assigned to a guest; absent where it is not a NIC."),
    ])

  private static let claim = OutputForm<Labelled<DeclaredNIC>>.record(
    "DeclaredNIC", "The declaration of a function in the manifests.",
    [
      OutputField(
        "nic", \.reference.description, .text,
        "The name in the Host manifest: NAME or NAME/INDEX, of a member of a pool POOL/PORT or POOL/PORT/INDEX."
      ),
      OutputField(
        "guest", { nic in nic.guest.map { nic.labels.reference($0.name) } },
        optional: GuestReference.form.output, "The guest that claims it."),
      OutputField("guestNIC", \.claim?.name.value, optional: .text, "The guest's name for the NIC."),
      OutputField(
        "assignment", \.assignment, optional: Assignment.reasonForm,
        "Why the guest has it, or gets it, from a pool; absent where its claim names the NIC itself."),
      OutputField("origin", \.origin, optional: .text, "The manifest's line that claims or names it."),
    ])
}

/// The functions of a host that a list shows.
public struct DeviceSelection: Sendable {
  let inventory: Inventory
  private let filter: InventoryFilter

  public init(_ inventory: Inventory, _ filter: InventoryFilter) {
    self.inventory = inventory
    self.filter = filter
  }

  fileprivate var devices: [Labelled<InventoryDevice>] {
    inventory.devices.filter(filter.includes).map { Labelled(value: $0, labels: inventory.labels) }
  }
}

extension Labelled<InventoryDevice> {
  fileprivate var manifest: Labelled<DeclaredNIC>? {
    value.claim.map { Labelled<DeclaredNIC>(value: $0, labels: labels) }
  }

  fileprivate var assignable: Labelled<Assignable>? {
    value.availability.map { availability in
      Labelled<Assignable>(
        value: Assignable(availability: availability, address: value.function.address), labels: labels)
    }
  }
}
