import HostModel
import Manifests

extension HostIndex {
  /// Steps of a way back behind those that load what they need: a start of the host may have come between.
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

  /// The driver that the step needs. One that is to be bound again was there, whoever had loaded it.
  private func neededDriver(_ step: Step) -> String? {
    switch step.action {
    case .bind(let bind): return bind.to.isKernelsChoice ? nil : bind.to.driver
    case .attach(let attach):
      let now = functions[attach.hostdev.address]?.driver
      guard attach.placement.guest.traits.preparesDevices, !(now.map(Drivers.opensVFIO) ?? false) else {
        return nil
      }
      // libvirt loads it only where `/dev/vfio/vfio` is there already.
      let isNeeded = attach.placement.part == .live || state.kernel.hasVFIO == false
      return isNeeded ? Drivers.vfio : nil
    case .load, .resize, .configure, .detach, .edit: return nil
    }
  }
}

extension Step {
  /// Loads the module that brings a driver.
  static func loading(_ driver: String) -> Step {
    Step(
      id: "load/\(driver)", action: .load(module: driver), nic: nil, guest: nil, reason: .needed,
      because: "the driver \(driver) is not loaded", disturbs: .nothing, after: [], origin: nil)
  }
}
