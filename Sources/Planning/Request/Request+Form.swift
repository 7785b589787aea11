import Documents
import HostModel
import Manifests

extension Request {
  static let form = Form<Request>.record(
    "Request", "What was asked for.",
    Field("host", \.host, HostManifest.form, "The host's manifest."),
    Field("guests", \.guests, .list(of: GuestManifest.form), "Its guests' manifests."),
    Field("targets", \.targets, .list(of: Target.form), default: [], "What the run was limited to."),
    Field("prune", \.prune, .boolean, default: false, "Whether what deleted manifests declared is removed."),
    Field(
      "pruneCount", \.pruneCount, optional: .integer(0...Int(Int32.max)),
      "How many guests without a document are expected."),
    Field(
      "legacyNewID", \.legacyNewID, .boolean, default: false,
      "Whether functions are bound by new_id instead of driver_override."),
    make: { host, guests, targets, prune, pruneCount, legacyNewID in
      Request(
        host: host, guests: guests, targets: targets, prune: prune, pruneCount: pruneCount,
        legacyNewID: legacyNewID)
    })
}

extension Target {
  public static let form = Form<Target>.text(
    "nic/NAME or guest/NAME", pattern: "^(nic|guest)/[A-Za-z0-9][A-Za-z0-9._-]{0,252}$",
    parse: { Target($0) }, print: \.description)
}
