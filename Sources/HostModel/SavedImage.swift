import Documents

/// The memory image of a guest that `virsh managedsave` made. The next start restores the image
/// with the devices that the guest had then, and ignores the devices of the definition.
public struct SavedImage: Sendable, Equatable {
  /// The host devices in the image.
  public var devices: Observed<[Hostdev]>

  public init(devices: Observed<[Hostdev]>) { self.devices = devices }

  static let form = Form<SavedImage>.record(
    "SavedImage", "The saved memory image that the next start of a guest restores (virsh managedsave).",
    Field(
      "devices", \.devices, Form<[Hostdev]>.list(of: Hostdev.form).observed,
      "The host devices that the guest had when it was saved, and has after its next start."),
    make: SavedImage.init)
}

extension GuestState {
  /// The image that the next start restores; nil for a running guest and for a guest that starts
  /// from its definition.
  public var image: SavedImage? { live == nil ? saved : nil }
}
