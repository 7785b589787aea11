import Documents
import HostModel
import Manifests

extension Request {
  static let form = Form<Request>.record(
    "Request", "The manifests and options that the plan was made from.",
    Field("host", \.host, HostManifest.form, "The Host manifest."),
    Field("guests", \.guests, .list(of: GuestManifest.form), "The Guest manifests of the host."),
    Field(
      "targets", \.targets, .list(of: Target.form), default: [],
      "The NICs and guests that the run is limited to."),
    Field(
      "prune", \.prune, .boolean, default: false, "Whether the NICs of guests without a manifest are removed."
    ),
    Field(
      "pruneCount", \.pruneCount, optional: .integer(0...Int(Int32.max)),
      "The expected number of guests without a manifest."),
    Field(
      "legacyNewID", \.legacyNewID, .boolean, default: false,
      "Whether functions are bound by new_id instead of driver_override."),
    Field(
      "reassign", \.reassigns, .boolean, default: false,
      "Whether members of pools are assigned to guests although it is unknown which they have."),
    Field(
      "drain", \.drained, .list(of: NICReference.form), default: [],
      "The NICs and ports that guests leave."),
    Field(
      "part", \.part, .choice("a part of a host"), default: .everything,
      "The part of the host that is planned: everything, or host, where guests are not looked at."),
    make: { host, guests, targets, prune, pruneCount, legacyNewID, reassigns, drained, part in
      Request(
        host: host, guests: guests, targets: targets, prune: prune, pruneCount: pruneCount,
        legacyNewID: legacyNewID, reassigns: reassigns, drained: drained, part: part)
    })
}

extension Target {
  public static let form = Form<Target>.text(
    "nic/NAME, nic/POOL/PORT or guest/NAME", pattern: "^(nic|guest)/[A-Za-z0-9][A-Za-z0-9._:/-]{0,252}$",
    parse: { Target($0) }, print: \.description)
}
