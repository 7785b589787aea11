import Documents
import HostModel
import Manifests
import Planning

/// The result of an import: manifests as YAML with comments, and a summary.
public struct ImportText {
  private let result: Import
  private let state: HostState

  public init(_ result: Import, on state: HostState) {
    self.result = result
    self.state = state
  }

  /// The Host document, with a comment above each NIC.
  public var host: String {
    let nics = Dictionary(
      result.host.spec.nics.map { ($0.name.value, notes(on: $0)) }, uniquingKeysWith: { one, _ in one })
    return "# The NICs of \(printable(result.host.name)) that guests have, or that are assignable.\n"
      + "# pcipass never changes another NIC of this host.\n" + ManifestText.text(result.host, remarks: nics)
  }

  /// The document of a guest, with a comment above each NIC that has no mark of pcipass yet.
  public func text(_ guest: GuestManifest) -> String {
    let nics = Dictionary(
      guest.spec.nics.map { ($0.name.value, notes(on: $0, of: guest)) }, uniquingKeysWith: { one, _ in one })
    return ManifestText.text(guest, remarks: nics)
  }

  /// Whether the step only writes the mark of pcipass on a device that the guest has already.
  private func isMark(_ step: Step) -> Bool {
    if step.reason == .adopted { return true }
    guard let change = step.action.device, change.isAdded, !change.isLive else { return false }
    let guest = state.allGuests.first { $0.manager == change.placement.guest }?.state
    return guest?.live?.contains { $0.address == change.hostdev.address } ?? false
  }

  /// The function of a NIC of the Host, by the name of the NIC.
  func function(_ nic: String) -> PCIFunction? { result.addresses[nic].flatMap { state[$0] } }

  /// The comment on a NIC of the Host.
  func notes(on nic: HostNIC) -> [String] { function(nic.name.value).map { [$0.summary] } ?? [] }

  /// The comment on a claim whose device has no mark of pcipass; empty for other claims.
  private func notes(on claim: Claim, of guest: GuestManifest) -> [String] {
    guard let own = result.addresses[claim.from.value.nic] else { return [] }
    let address =
      claim.from.value.virtualFunction.map { index in
        state.functions.first {
          $0.virtualFunction?.physicalFunction == own && $0.virtualFunction?.index == index
        }?
        .address
      } ?? own
    let found = state.allGuests.first { $0.manager == guest.manager }?.state
    let devices = ((found?.persistent ?? []) + (found?.live ?? [])).filter { $0.address == address }
    guard let device = devices.first, Ownership.nic(ofAlias: device.alias) == nil else { return [] }
    return [
      "assigned without pcipass" + (device.alias.map { ", as \($0)" } ?? "") + ": the first apply marks it"
    ]
  }

  /// What the import left out, and what a plan of the imported manifests would do. It is meant for the
  /// terminal, not for the files.
  public var summary: String {
    var text = ""
    for remark in result.remarks { text += "  \(printable(remark.subject)): \(printable(remark.text))\n" }
    let (nics, guests) = (result.host.spec.nics.count, result.guests.count)
    text += "\(printable(result.host.name)): \(pluralised(nics, "NIC")), \(pluralised(guests, "guest")). "
    guard nics > 0 else {
      return text
        + "No guest has a NIC, and no NIC is reserved. To include the available NICs: pcipass import --free\n"
    }
    let marked = Set(result.plan.steps.filter(isMark).compactMap(\.action.function))
    let others = result.plan.steps.filter { step in !(step.action.function.map(marked.contains) ?? false) }
    switch (marked.isEmpty, others.isEmpty) {
    case (true, true): text += "A plan of these manifests has no changes.\n"
    case (false, true):
      text +=
        "A plan of these manifests marks \(pluralised(marked.count, "NIC")) as assigned by pcipass, and changes nothing else.\n"
    case (_, false):
      text += "A plan of these manifests has these steps"
      text +=
        marked.isEmpty ? ":\n" : ", and marks \(pluralised(marked.count, "NIC")) as assigned by pcipass:\n"
      for step in others { text += "  \(step.sign.rawValue) \(StepText.sentence(step))\n" }
    }
    return text
  }
}
