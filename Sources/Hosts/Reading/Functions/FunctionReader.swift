import Files
import Glibc
import HostModel
import SystemPackage

/// A function as read from its folder, with what later passes need.
struct FunctionRecord: Sendable {
  var value: PCIFunction
  var interfaces: [InterfaceRecord] = []
  /// The target of `physfn`, if this is a VF.
  var physicalFunction: PCIAddress?
  /// The targets of the `virtfnN` links, if this is a PF.
  var virtualFunctions: [(index: Int, address: PCIAddress)] = []
  /// The files that are ignored because they are not valid. They do not concern the assignment of the function.
  var ignored = Problems()
}

/// Reads the folder of one function. For functions other than NICs only id, driver, override and IOMMU group
/// are read, which matter to the NICs of the same group.
struct FunctionReader {
  let scratch: Scratch
  /// The interfaces of each function, with their paths in the function's folder, from `/sys/class/net`. Nil
  /// if that is not available, so that the function's own `net` folder is read.
  let interfaceLocations: [PCIAddress: [InterfaceLocation]]?

  /// Reads one function. What cannot be read is listed in `unreadable` of the function.
  ///
  /// - Parameter path: its path below `/sys/devices`, if a manifest can select by it.
  func read(_ address: PCIAddress, _ folder: borrowing Folder, path: String?) -> FunctionRecord {
    var problems = Problems()
    let ids = FunctionIDs.read(in: folder, scratch, &problems)
    var result = FunctionRecord(
      value: PCIFunction(
        address: address, id: ids.id ?? .unreadable, subsystem: ids.subsystem,
        deviceClass: ids.deviceClass ?? PCIClass(0), path: path))
    result.value.driver = driver(folder, &problems)
    // A bridge is never assigned, and does not prevent the assignment of functions behind it.
    if !result.value.deviceClass.isBridge { result.value.driverOverride = driverOverride(folder, &problems) }
    result.value.iommuGroup = group(folder, &problems)
    if result.value.deviceClass.isNetwork { readNIC(folder, &result, &problems) }
    readInterfaces(folder, &result, &problems)
    result.value.unreadable = problems.all
    return result
  }

  /// The driver is read from the `driver` link, which binding changes, not from `uevent`.
  private func driver(_ folder: borrowing Folder, _ problems: inout Problems) -> String? {
    do {
      guard let link = try folder.linkIfPresent("driver", scratch) else { return nil }
      let name = link.lastComponent.text
      if isFileName(name) { return name }
      problems.addInvalid("driver", link)
    } catch { problems.add("driver", error) }
    return nil
  }

  private func driverOverride(_ folder: borrowing Folder, _ problems: inout Problems) -> String? {
    do {
      // Kernels before 3.16 have no `driver_override`.
      guard let bytes = try folder.readIfPresent("driver_override", scratch)?.trimmed else { return nil }
      if bytes.isEmpty || bytes.isEqual(to: "(null)") { return nil }
      let name = bytes.text
      if isFileName(name) { return name }
      problems.addInvalid("driver_override", bytes)
    } catch { problems.add("driver_override", error) }
    return nil
  }

  private func group(_ folder: borrowing Folder, _ problems: inout Problems) -> Int? {
    do {
      guard let link = try folder.linkIfPresent("iommu_group", scratch) else { return nil }
      if let number = link.lastComponent.decimal, number <= Int(Int32.max) { return number }
      problems.addInvalid("iommu_group", link)
    } catch { problems.add("iommu_group", error) }
    return nil
  }

  private func readNIC(
    _ folder: borrowing Folder, _ result: inout FunctionRecord, _ problems: inout Problems
  ) {
    do {
      if let link = try folder.linkIfPresent("physfn", scratch) {
        result.physicalFunction = PCIAddress(link.lastComponent)
        if result.physicalFunction == nil { problems.addInvalid("physfn", link) }
        return
      }
    } catch { problems.add("physfn", error) }
    // A VF has the NUMA node and the serial number of its PF.
    result.value.numaNode = number("numa_node", in: folder, &problems)
    result.value.serial = SerialNumber.read(in: folder, scratch, &problems)
    let name = FirmwareName.read(in: folder, scratch, &result.ignored)
    (result.value.firmwareIndex, result.value.firmwareLabel) = (name.index, name.label)
    guard let total = number("sriov_totalvfs", in: folder, &problems) else { return }
    result.virtualFunctions = virtualFunctions(folder, &problems)
    result.value.sriov = SRIOV(
      total: min(total, 65535), count: result.virtualFunctions.count,
      autoprobe: number("sriov_drivers_autoprobe", in: folder, &problems).map { $0 != 0 },
      offset: number("sriov_offset", in: folder, &problems),
      stride: number("sriov_stride", in: folder, &problems),
      deviceID: deviceID(folder, &problems))
  }

  /// The device id of its VFs: four hexadecimal digits without `0x` (Linux 4.14 and later).
  private func deviceID(_ folder: borrowing Folder, _ problems: inout Problems) -> PCIIDHalf? {
    do {
      guard let bytes = try folder.readIfPresent("sriov_vf_device", scratch)?.trimmed else { return nil }
      if let id = PCIIDHalf(bytes.text) { return id }
      problems.addInvalid("sriov_vf_device", bytes)
    } catch { problems.add("sriov_vf_device", error) }
    return nil
  }

  /// The targets of the `virtfnN` links. Reading `sriov_numvfs` instead blocks while a write to it is
  /// blocked. The kernel numbers the links from 0 without gaps, so the folder need not be listed.
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
          problems.addInvalid(name, link)
        }
      } catch {
        problems.add(name, error)
        break
      }
    }
    return found
  }

  /// A number of at least 0; nil if the file is missing or contains -1, by which the kernel means "none".
  private func number(_ file: String, in folder: borrowing Folder, _ problems: inout Problems) -> Int? {
    do {
      guard let bytes = try folder.readIfPresent(file, scratch)?.trimmed else { return nil }
      if let number = bytes.decimal, number <= Int(Int32.max) { return number }
      if !bytes.isEqual(to: "-1") { problems.addInvalid(file, bytes) }
    } catch { problems.add(file, error) }
    return nil
  }

  private func readInterfaces(
    _ folder: borrowing Folder, _ result: inout FunctionRecord, _ problems: inout Problems
  ) {
    var places = interfaceLocations?[result.value.address] ?? []
    if interfaceLocations == nil, result.value.deviceClass.isNetwork {
      do {
        let names = try folder.folder("net").names(upTo: 4096)
        places = names.map { InterfaceLocation(name: $0, path: "net/" + $0) }
      } catch {
        if error != .noSuchFileOrDirectory { problems.add("net", error) }
      }
    }
    for place in places {
      guard isInterfaceName(place.name) else {
        problems.add("net", "invalid interface name \(place.name.debugDescription)")
        continue
      }
      result.interfaces.append(InterfaceRecord.read(place, in: folder, scratch, &problems))
    }
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// The bytes of a C string, without its zero.
  init(cString: UnsafePointer<CChar>) {
    let count = strlen(cString)
    self.init(start: UnsafeRawPointer(cString).assumingMemoryBound(to: UInt8.self), count: count)
  }
}
