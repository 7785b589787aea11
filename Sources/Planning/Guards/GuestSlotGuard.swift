import Documents
import HostModel
import Manifests

/// Checks devices that share a slot in the guest. PCI hot-plug works on whole slots: libvirt refuses to
/// unplug one function of a slot, QEMU unplugs all of them, and a guest does not find the functions of a slot
/// without function 0. Measured: docs/host-behaviour.md, `guest-slot`.
enum GuestSlotGuard {
  static let questions = [
    GuardQuestion(.leavingPort, .transition) { change, context in
      change.detach.filter { $0.part == .live && !$0.hostdev.isCommandLineArgument }.compactMap { holding in
        context.unplugViolation(holding).map {
          GuardResult(.guestSlot, guest: context.name(of: holding.guest), .violated($0))
        }
      }
    },
    GuardQuestion(.leavingPort, .endState) { change, context in
      guard context.guestsMustStart else { return [] }
      let guests = Set(
        (change.detach.map(\.placement) + change.attach.map(\.placement)).filter { $0.part == .persistent })
      return guests.compactMap { placement in
        context.slot(of: change.address, in: placement).map {
          GuardResult(.guestSlot, guest: context.name(of: placement.guest), $0)
        }
      }
    },
  ]
}

extension GuardContext {
  /// Returns the reason why a running guest cannot release the device alone, or `nil` if it has its slot
  /// alone.
  fileprivate func unplugViolation(_ holding: Holding) -> Violation? {
    let guest = name(of: holding.guest)
    let others = host.slotNeighbours(of: holding)
    return others.first.map { first in
      Violation(
        .guestSlot,
        "\(holding.hostdev.address) shares its slot in the running guest \(guest) with \(first): "
          + holding.guest.traits.slotUnplug, details: others, help: "shut down \(guest), then plan again")
    }
  }

  /// Returns whether the slot of a device has a function 0 in the end, or `nil` if the device has its slot
  /// alone.
  fileprivate func slot(of address: PCIAddress, in placement: Placement) -> GuardOutcome? {
    let before = (host.guests[placement.guest]?.persistent ?? []).filter { !$0.isCommandLineArgument }
    let added = (changes.values.flatMap(\.attach)).filter { $0.placement == placement }.map(\.hostdev)
    let own = (before + added).first { $0.address == address }
    guard let own, let slot = own.guestAddress?.slot else { return nil }
    func functions(_ devices: [Hostdev]) -> Set<Int> {
      let places = devices.compactMap(\.guestAddress).filter { $0.slot == slot }
      return Set(places.map { Int($0.function) } + own.slotFunctions)
    }
    let left = before.filter { !isDetached($0, placement) } + added
    let guest = name(of: placement.guest)
    guard functions(before + added).count > 1 else { return nil }
    // A guest that did not find the slot before loses nothing by this change.
    guard !functions(left).isEmpty, !functions(left).contains(0), functions(before).contains(0) else {
      return .passed("\(guest) still finds the other functions in the slot")
    }
    let others = left.filter { $0.guestAddress?.slot == slot }.map { "\($0.address)" }
    return .violated(
      Violation(
        .guestSlot,
        "without \(address), slot \(slot) of \(guest) has no function 0, and the guest does not "
          + "find the other functions there",
        details: others + own.slotFunctions.map { "another device at function \($0)" },
        help: "move the other devices to their own slots first: virsh edit \(placement.guest.name)"))
  }
}

extension HostIndex {
  /// Returns the other devices in the slot of a device, in words.
  func slotNeighbours(of holding: Holding) -> [String] {
    let own = holding.hostdev
    let others = (guests[holding.guest]?.hostdevs(holding.part) ?? []).filter {
      $0.address != own.address && !$0.isCommandLineArgument && $0.sharesSlot(with: own)
    }
    return others.map { "\($0.address)" }
      + own.slotFunctions.map { "another device at function \($0)" }
  }
}

extension Hostdev {
  /// Compares the slots, or, if they are unknown, the buses: QEMU shows no addresses behind a port that the
  /// firmware of the guest has not set up yet, and a port has one slot.
  fileprivate func sharesSlot(with other: Hostdev) -> Bool {
    if let one = guestAddress, let two = other.guestAddress { return one.slot == two.slot }
    guard let bus, bus == other.bus else { return false }
    return bus != "pcie.0" && bus != "pci.0"
  }
}
