import CLibvirt
import Documents
import Glibc
import HostModel

/// Reads the states, the definitions and the live XML of domains.
extension Libvirt {
  private static let reading = Duration.seconds(60)

  /// All domains, sorted by name, read in one call of `ask`.
  ///
  /// - Throws: `.unavailable` if libvirt cannot be reached, or if the XML of a domain cannot be
  ///   read.
  func domains() throws(LibvirtFailure) -> [GuestState] {
    let descriptions = try ask(.reading, within: Self.reading) { connection throws(LibvirtError) in
      try connection.descriptions()
    }
    let nodes = NUMANodeReader.nodesOfThisMachine()
    var states: [GuestState] = []
    for description in descriptions { states.append(try Self.state(description, on: nodes)) }
    return states.sorted { $0.name < $1.name }
  }

  /// The domain of this name; nil if there is none.
  ///
  /// - Throws: as `domains()`.
  func domain(_ name: String) throws(LibvirtFailure) -> GuestState? {
    let description = try ask(.reading, within: Self.reading) { connection throws(LibvirtError) in
      try connection.description(of: name)
    }
    guard let description else { return nil }
    return try Self.state(description, on: NUMANodeReader.nodesOfThisMachine())
  }

  /// Whether libvirt is working on a domain, for any program: libvirt continues a request after the
  /// program that made it has ended.
  func isBusy(with name: String) throws(LibvirtFailure) -> Bool {
    try ask(.reading, within: Self.reading) { connection throws(LibvirtError) in
      try connection.ifThere { () throws(LibvirtError) in
        try connection.withDomain(name) { domain throws(LibvirtError) in
          try connection.isBusy(with: domain)
        }
      } ?? false
    }
  }

  private static func state(
    _ description: DomainDescription, on nodes: [NUMANode]?
  ) throws(LibvirtFailure) -> GuestState {
    switch description.state(on: nodes) {
    case .success(let state): return state
    case .failure(let error):
      throw .unavailable(
        "cannot read the libvirt XML of \(description.name): \(error.message)"
          + (error.all.first?.location.map { " (line \($0.line))" } ?? ""))
    }
  }
}

extension LibvirtConnection {
  fileprivate func descriptions() throws(LibvirtError) -> [DomainDescription] {
    try withDomains(0) { domains throws(LibvirtError) in
      // Each of these calls covers all domains.
      let active = try names(CLIBVIRT_LIST_ACTIVE)
      let persistent = try names(CLIBVIRT_LIST_PERSISTENT)
      let saved = try names(CLIBVIRT_LIST_MANAGED_SAVE)
      let snapshots = try names(CLIBVIRT_LIST_SNAPSHOT)
      let autostarted = try names(CLIBVIRT_LIST_AUTOSTART)
      var result: [DomainDescription] = []
      for domain in domains {
        guard let name = name(of: domain) else { throw library.lastError() }
        let found = try ifThere { () throws(LibvirtError) in
          try describe(
            domain, name, isActive: active.contains(name), isPersistent: persistent.contains(name),
            hasImage: saved.contains(name), hasSnapshots: snapshots.contains(name),
            isAutostarted: autostarted.contains(name))
        }
        if let found { result.append(found) }
      }
      return result
    }
  }

  fileprivate func description(of name: String) throws(LibvirtError) -> DomainDescription? {
    try ifThere { () throws(LibvirtError) in
      try withDomain(name) { domain throws(LibvirtError) in
        let isActive = library.call.virDomainIsActive(domain)
        try check(isActive)
        let isPersistent = library.call.virDomainIsPersistent(domain)
        try check(isPersistent)
        let hasImage = library.call.virDomainHasManagedSaveImage(domain, 0)
        if hasImage < 0 { try ignoreNoSupport() }
        var autostart: CInt = 0
        // The error is ignored, because a transient domain does not have this setting.
        _ = library.call.virDomainGetAutostart(domain, &autostart)
        return try describe(
          domain, name, isActive: isActive == 1, isPersistent: isPersistent == 1, hasImage: hasImage == 1,
          hasSnapshots: true, isAutostarted: autostart == 1)
      }
    }
  }

  private func describe(
    _ domain: OpaquePointer, _ name: String, isActive: Bool, isPersistent: Bool, hasImage: Bool,
    hasSnapshots: Bool, isAutostarted: Bool
  ) throws(LibvirtError) -> DomainDescription {
    let (run, reason) = try run(of: domain)
    return DomainDescription(
      name: name, run: isActive ? run : .shutoff,
      now: isActive ? try xml(of: domain, 0) : nil,
      definition: isPersistent ? try xml(of: domain, CLIBVIRT_XML_INACTIVE) : nil,
      image: hasImage && !isActive ? .some(image(of: domain)) : nil,
      isSavedToFile: !isActive && !hasImage && run == .shutoff && reason == CLIBVIRT_SHUTOFF_SAVED,
      snapshots: hasSnapshots ? try snapshots(of: domain) : 0, isAutostarted: isAutostarted)
  }

  /// The XML of the saved image that the next start restores.
  private func image(of domain: OpaquePointer) -> Observed<[UInt8]> {
    guard let read = library.call.virDomainManagedSaveGetXMLDesc else {
      return .unavailable("this libvirt cannot show the contents of a saved image; 3.7.0 and later can")
    }
    guard let text = read(domain, 0) else { return .unavailable(library.lastError().description) }
    defer { free(text) }
    return .known([UInt8](UnsafeRawBufferPointer(start: text, count: strlen(text))))
  }

  private func snapshots(of domain: OpaquePointer) throws(LibvirtError) -> Int {
    let count = library.call.virDomainSnapshotNum(domain, 0)
    if count < 0 { try ignoreNoSupport() }
    return max(0, Int(count))
  }

  /// Throws the error of the last call unless the hypervisor driver does not support the call: such
  /// a driver has nothing that the call could return.
  private func ignoreNoSupport() throws(LibvirtError) {
    let error = library.lastError()
    guard error.code == .noSupport else { throw error }
  }

  /// The result of the work; nil if the domain no longer exists.
  fileprivate func ifThere<Value>(_ work: () throws(LibvirtError) -> Value) throws(LibvirtError) -> Value? {
    do throws(LibvirtError) { return try work() } catch {
      if error.code == .noDomain { return nil }
      throw error
    }
  }

  /// The XML of a domain.
  ///
  /// - Parameter flags: `virDomainXMLFlags`; 0 for the live XML.
  func xml(of domain: OpaquePointer, _ flags: Int) throws(LibvirtError) -> [UInt8] {
    guard let text = library.call.virDomainGetXMLDesc(domain, UInt32(flags)) else {
      throw library.lastError()
    }
    defer { free(text) }
    return [UInt8](UnsafeRawBufferPointer(start: text, count: strlen(text)))
  }

  /// Whether libvirt is working on a domain. False for a domain that is shut off:
  /// `virDomainGetControlInfo` rejects it, and libvirt does no long work on it.
  fileprivate func isBusy(with domain: OpaquePointer) throws(LibvirtError) -> Bool {
    let isActive = library.call.virDomainIsActive(domain)
    try check(isActive)
    guard isActive == 1 else { return false }
    // The first field of `virDomainControlInfo` is the state.
    let info = UnsafeMutableRawPointer.allocate(byteCount: CLIBVIRT_CONTROL_INFO_SIZE, alignment: 8)
    defer { info.deallocate() }
    try check(library.call.virDomainGetControlInfo(domain, OpaquePointer(info), 0))
    return info.load(as: UInt32.self) != UInt32(CLIBVIRT_CONTROL_OK)
  }

  private func run(of domain: OpaquePointer) throws(LibvirtError) -> (GuestState.RunState, reason: Int) {
    var (state, reason): (CInt, CInt) = (0, 0)
    try check(library.call.virDomainGetState(domain, &state, &reason, 0))
    let run: GuestState.RunState =
      switch Int(state) {
      // A guest in either state does not answer requests until it is resumed.
      case CLIBVIRT_STATE_PAUSED, CLIBVIRT_STATE_PMSUSPENDED: .paused
      case CLIBVIRT_STATE_SHUTOFF: .shutoff
      case CLIBVIRT_STATE_CRASHED: .crashed
      default: .running
      }
    return (run, Int(reason))
  }

  private func name(of domain: OpaquePointer) -> String? {
    library.call.virDomainGetName(domain).map { String(cString: $0) }
  }

  private func names(_ flags: Int) throws(LibvirtError) -> Set<String> {
    try withDomains(flags) { domains in Set(domains.compactMap(name)) }
  }

  private func withDomains<Value>(
    _ flags: Int, _ body: ([OpaquePointer]) throws(LibvirtError) -> Value
  ) throws(LibvirtError) -> Value {
    var list: UnsafeMutablePointer<OpaquePointer?>?
    let count = library.call.virConnectListAllDomains(handle, &list, UInt32(flags))
    try check(count)
    let domains = (0..<Int(count)).compactMap { list?[$0] }
    defer {
      for domain in domains { _ = library.call.virDomainFree(domain) }
      free(list)
    }
    return try body(domains)
  }
}
