extension SSHSessions {
  /// Which interfaces have the sessions' own addresses.
  ///
  /// - Returns: the sessions of each interface, and why there may be one more.
  func carried(
    by links: [String: InterfaceAddresses.Link]
  ) -> (sessions: [String: [SSHSession]], problem: String?) {
    var result: [String: [SSHSession]] = [:]
    var problem = problem
    for session in all {
      let address = session.connection.local.address
      // It reaches no further than this host, whichever interface has it (127.0.0.2 none).
      guard !address.isLoopback else { continue }
      let owners = links.filter { $0.value.all.contains(address) }.keys
      if owners.isEmpty { problem = problem ?? "no interface has \(address)" }
      // Several may have the same link-local address. Where it is not known which is meant, all of them count.
      let isNamed = session.link.map(owners.contains) ?? false
      for owner in owners where !isNamed || owner == session.link {
        result[owner, default: []].append(session)
      }
    }
    return (result, problem)
  }
}
