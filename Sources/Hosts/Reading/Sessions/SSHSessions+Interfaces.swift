extension SSHSessions {
  /// An SSH session that an interface carries.
  struct CarriedSession: Equatable {
    var session: SSHSession
    /// Whether the interface carries it only by the route to the peer, not by the local address of
    /// the session.
    var isByRoute = false
  }

  /// The sessions that each interface carries: by the local address of a session, and by the route
  /// to its peer, because the address may be on another interface such as `lo`.
  ///
  /// - Returns: the sessions by interface name, and why one may be missing.
  func carried(
    by links: [String: NetworkGraph.Interface]
  ) -> (sessions: [String: [CarriedSession]], problem: String?) {
    var result: [String: [CarriedSession]] = [:]
    var problem = problem
    for session in all {
      let address = session.connection.local.address
      // A loopback address reaches only this host, whichever interface has it.
      guard !address.isLoopback else { continue }
      let owners = links.filter { $0.value.all.contains(address) }.keys
      if owners.isEmpty { problem = problem ?? "no interface has \(address)" }
      // Several interfaces may have the same link-local address. All of them count unless the session names
      // one.
      let isNamed = session.link.map(owners.contains) ?? false
      for owner in owners where !isNamed || owner == session.link {
        result[owner, default: []].append(CarriedSession(session: session))
      }
      problem = problem ?? session.route.problem
      for name in session.route.interfaces {
        let isListed = result[name]?.contains { $0.session == session } ?? false
        if !isListed { result[name, default: []].append(CarriedSession(session: session, isByRoute: true)) }
      }
    }
    return (result, problem)
  }
}
