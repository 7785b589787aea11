extension SSHSessions {
  /// A session that an interface carries.
  struct Carried: Equatable {
    var session: SSHSession
    /// It does not have the session's own address: the kernel reaches the peer by it.
    var isByRoute = false
  }

  /// Which interfaces have the sessions' own addresses, and by which others the kernel reaches the peers: the address may
  /// lie on `lo`.
  ///
  /// - Returns: the sessions of each interface, and why there may be one more.
  func carried(
    by links: [String: NetworkGraph.Interface]
  ) -> (sessions: [String: [Carried]], problem: String?) {
    var result: [String: [Carried]] = [:]
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
        result[owner, default: []].append(Carried(session: session))
      }
      problem = problem ?? session.route.problem
      for name in session.route.interfaces {
        let isListed = result[name]?.contains { $0.session == session } ?? false
        if !isListed { result[name, default: []].append(Carried(session: session, isByRoute: true)) }
      }
    }
    return (result, problem)
  }
}
