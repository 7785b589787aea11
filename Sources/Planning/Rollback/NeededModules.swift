import HostModel
import Manifests

extension HostIndex {
  /// Returns the steps of a rollback, preceded by steps that load the modules they need: the host may have
  /// been rebooted since the modules were loaded.
  func withModules(_ steps: [Step]) -> [Step] {
    var loads: [String] = []
    var result = steps
    for index in result.indices {
      guard let driver = neededDriver(result[index]), drivers?.contains(driver) == false else { continue }
      if !loads.contains(driver) { loads.append(driver) }
      result[index].after.append(Step.loading(driver).id)
    }
    return loads.map { .loading($0) } + result
  }

  /// Returns the driver whose module the step needs. A driver that a function is bound to again was loaded
  /// before.
  private func neededDriver(_ step: Step) -> String? {
    switch step.action {
    case .bind(let bind): return bind.to.isChosenByKernel ? nil : bind.to.driver
    case .attach(let attach):
      let now = functions[attach.hostdev.address]?.driver
      guard attach.placement.guest.traits.preparesDevices, !(now.map(Drivers.isVFIO) ?? false) else {
        return nil
      }
      // libvirt loads vfio-pci only if `/dev/vfio/vfio` exists.
      let isNeeded = attach.placement.part == .live || state.kernel.hasVFIO == false
      return isNeeded ? Drivers.vfio : nil
    case .load, .resize, .configure, .detach, .edit: return nil
    }
  }
}

extension Step {
  /// Returns the step that loads the module of a driver.
  static func loading(_ driver: String) -> Step {
    Step(
      id: "load/\(driver)", action: .load(module: driver), nic: nil, guest: nil, reason: .needed,
      because: "the driver \(driver) is needed and not loaded", disturbs: .nothing, after: [], origin: nil)
  }
}
