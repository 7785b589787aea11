import Files
import Glibc
import HostModel
import SystemPackage

/// What one pass reads of a function, with what the later passes need of it.
struct ReadFunction: Sendable {
  var value: PCIFunction
  var interfaces: [ReadInterface] = []
  /// The target of `physfn`, where this is a VF.
  var physicalFunction: PCIAddress?
  /// The targets of the `virtfnN` links, where this is a PF.
  var virtualFunctions: [(index: Int, address: PCIAddress)] = []
}

/// Reads one function's folder. Of what is no NIC only what a group's other members must show is read:
/// ids, driver, override and group.
struct FunctionReader {
  let scratch: Scratch
  /// Interfaces by function, from `/sys/class/net`: where in the function's folder each one is. Nil where
  /// only the functions' own `net` folders tell.
  let interfacePlaces: [PCIAddress: [InterfacePlace]]?

  func read(_ address: PCIAddress, _ folder: borrowing Folder, path: String?) -> ReadFunction {
    var problems = Problems()
    let ids = FunctionIDs.read(in: folder, scratch, &problems)
    var result = ReadFunction(
      value: PCIFunction(
        address: address, id: ids.id ?? .unreadable, subsystem: ids.subsystem,
        deviceClass: ids.deviceClass ?? PCIClass(0), path: path))
    result.value.driver = driver(folder, &problems)
    // A bridge is never handed out, nor is it in the way of what is behind it.
    if !result.value.deviceClass.isBridge { result.value.driverOverride = driverOverride(folder, &problems) }
    result.value.iommuGroup = group(folder, &problems)
    if result.value.deviceClass.isNetwork { readNIC(folder, &result, &problems) }
    readInterfaces(folder, &result, &problems)
    result.value.unreadable = problems.all
    return result
  }

  /// The link, not uevent's DRIVER, is what binding moves.
  private func driver(_ folder: borrowing Folder, _ problems: inout Problems) -> String? {
    do {
      guard let link = try folder.linkIfPresent("driver", scratch) else { return nil }
      let name = link.lastComponent.text
      if isFileName(name) { return name }
      problems.addNonsense("driver", link)
    } catch { problems.add("driver", error) }
    return nil
  }

  private func driverOverride(_ folder: borrowing Folder, _ problems: inout Problems) -> String? {
    do {
      // Kernels before 3.16 have none.
      guard let bytes = try folder.readIfPresent("driver_override", scratch)?.trimmed else { return nil }
      if bytes.isEmpty || bytes.isEqual(to: "(null)") { return nil }
      let name = bytes.text
      if isFileName(name) { return name }
      problems.addNonsense("driver_override", bytes)
    } catch { problems.add("driver_override", error) }
    return nil
  }

  private func group(_ folder: borrowing Folder, _ problems: inout Problems) -> Int? {
    do {
      guard let link = try folder.linkIfPresent("iommu_group", scratch) else { return nil }
      if let number = link.lastComponent.decimal, number <= Int(Int32.max) { return number }
      problems.addNonsense("iommu_group", link)
    } catch { problems.add("iommu_group", error) }
    return nil
  }

  private func readNIC(
    _ folder: borrowing Folder, _ result: inout ReadFunction, _ problems: inout Problems
  ) {
    do {
      if let link = try folder.linkIfPresent("physfn", scratch) {
        result.physicalFunction = PCIAddress(link.lastComponent)
        if result.physicalFunction == nil { problems.addNonsense("physfn", link) }
        return
      }
    } catch { problems.add("physfn", error) }
    // Of a VF both are its PF's, if anything.
    result.value.numaNode = number("numa_node", in: folder, &problems)
    result.value.serial = SerialNumber.read(in: folder, scratch, &problems)
    guard let total = number("sriov_totalvfs", in: folder, &problems) else { return }
    result.virtualFunctions = virtualFunctions(folder, &problems)
    result.value.sriov = SRIOV(
      total: min(total, 65535), count: result.virtualFunctions.count,
      autoprobe: number("sriov_drivers_autoprobe", in: folder, &problems).map { $0 != 0 },
      offset: number("sriov_offset", in: folder, &problems),
      stride: number("sriov_stride", in: folder, &problems),
      deviceID: deviceID(folder, &problems))
  }

  /// The id that its VFs have, in four digits without `0x` (Linux 4.14 and later).
  private func deviceID(_ folder: borrowing Folder, _ problems: inout Problems) -> PCIIDHalf? {
    do {
      guard let bytes = try folder.readIfPresent("sriov_vf_device", scratch)?.trimmed else { return nil }
      if let id = PCIIDHalf(bytes.text) { return id }
      problems.addNonsense("sriov_vf_device", bytes)
    } catch { problems.add("sriov_vf_device", error) }
    return nil
  }

  /// The links, not `sriov_numvfs`: reading that hangs while a writer of it does. The kernel numbers them
  /// from 0 without gaps, so there is no need to go through the whole folder.
  private func virtualFunctions(
    _ folder: borrowing Folder, _ problems: inout Problems
  ) -> [(index: Int, address: PCIAddress)] {
    var found: [(index: Int, address: PCIAddress)] = []
    for index in 0..<65535 {
      let name = "virtfn\(index)"
      do {
        guard let link = try folder.linkIfPresent(name, scratch) else { break }
        if let address = PCIAddress(link.lastComponent) {
          found.append((index, address))
        } else {
          problems.addNonsense(name, link)
        }
      } catch {
        problems.add(name, error)
        break
      }
    }
    return found
  }

  /// A number from 0; what is not there or negative (the kernel's "none") is nil.
  private func number(_ file: String, in folder: borrowing Folder, _ problems: inout Problems) -> Int? {
    do {
      guard let bytes = try folder.readIfPresent(file, scratch)?.trimmed else { return nil }
      if let number = bytes.decimal, number <= Int(Int32.max) { return number }
      if !bytes.isEqual(to: "-1") { problems.addNonsense(file, bytes) }
    } catch { problems.add(file, error) }
    return nil
  }

  private func readInterfaces(
    _ folder: borrowing Folder, _ result: inout ReadFunction, _ problems: inout Problems
  ) {
    var places = interfacePlaces?[result.value.address] ?? []
    if interfacePlaces == nil, result.value.deviceClass.isNetwork {
      do {
        let names = try folder.folder("net").names(upTo: 4096)
        places = names.map { InterfacePlace(name: $0, path: "net/" + $0) }
      } catch {
        if error != .noSuchFileOrDirectory { problems.add("net", error) }
      }
    }
    for place in places {
      guard isInterfaceName(place.name) else {
        problems.add("net", "an interface cannot be called \(place.name.debugDescription)")
        continue
      }
      result.interfaces.append(ReadInterface.read(place, in: folder, scratch, &problems))
    }
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// A name from the kernel, up to its zero.
  init(cString: UnsafePointer<CChar>) {
    let count = strlen(cString)
    self.init(start: UnsafeRawPointer(cString).assumingMemoryBound(to: UInt8.self), count: count)
  }
}
