import Documents

/// The image of a guest's memory that `virsh managedsave` made. The next start restores it, with the devices that the guest
/// had when it was saved, whatever its definition says by then.
public struct SavedImage: Sendable, Equatable {
  /// The host devices that are in it.
  public var devices: Observed<[Hostdev]>

  public init(devices: Observed<[Hostdev]>) { self.devices = devices }

  static let form = Form<SavedImage>.record(
    "SavedImage", "The image of a guest's memory that its next start restores (virsh managedsave).",
    Field(
      "devices", \.devices, Form<[Hostdev]>.list(of: Hostdev.form).observed,
      "Host devices that the guest had when it was saved, and has after its next start."),
    make: SavedImage.init)
}

extension GuestState {
  /// What its next start restores; nil where it starts from its definition.
  public var image: SavedImage? { live == nil ? saved : nil }
}
