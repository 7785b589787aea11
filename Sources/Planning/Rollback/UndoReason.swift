import HostModel
import Manifests

extension Step {
  /// The reason for undoing this step, as a sentence.
  var undoReason: String {
    switch action {
    case .load(let load): "pcipass loaded the module \(load.module)"
    case .bind(let bind): "pcipass bound it to \(bind.to)"
    case .resize(let resize): "pcipass changed its VFs from \(resize.from.count) to \(resize.to.count)"
    case .configure: "pcipass changed the settings of the VF"
    case .attach(let attach): "pcipass added it to \(words(attach.placement))"
    case .detach(let detach): "pcipass removed it from \(words(detach.placement))"
    case .edit(let edit): "pcipass changed it in \(words(edit.placement))"
    }
  }

  private func words(_ placement: Placement) -> String {
    (placement.part == .live ? "the running guest " : "the definition of ") + (guest ?? placement.guest.name)
  }
}
