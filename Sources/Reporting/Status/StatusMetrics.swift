import Execution
import Files
import HostModel
import Planning

/// The status of a host as metrics for Prometheus. docs/metrics.md describes them.
public enum StatusMetrics {
  /// - Parameters:
  ///   - host: the name of the host in the manifests.
  ///   - version: the version of pcipass.
  ///   - now: the time of the observation.
  ///   - report: the status and the state of the host; nil where the host or its manifests could not be read.
  ///   - runs: the last applies; nil where the journals could not be read.
  public static func text(
    host: String, version: String, at now: Timestamp, _ report: (StatusReport, on: HostIndex)?,
    runs: RecentRuns?
  ) -> String {
    var metrics = MetricText()
    metrics.add(.buildInfo, ["host": host, "version": version], 1)
    metrics.add(.observeSuccess, ["host": host], report == nil ? 0 : 1)
    metrics.add(.statusTimestamp, ["host": host], now.milliseconds / 1000)
    if let (report, observed) = report {
      metrics.add(report, host, now)
      metrics.add(report.status.pools, host)
      metrics.add(observed, report.status, host)
    }
    if let runs { metrics.add(runs, host) }
    return metrics.text
  }

  /// The metrics of all hosts of a fleet, from their snapshots.
  ///
  /// - Parameters:
  ///   - version: the version of pcipass.
  ///   - now: the time of the command.
  public static func text(_ fleet: FleetStatus, version: String, at now: Timestamp) -> String {
    var metrics = MetricText()
    for host in fleet.hosts.sorted(by: { $0.host < $1.host }) {
      metrics.add(.buildInfo, ["host": host.host, "version": version], 1)
      metrics.add(.observeSuccess, ["host": host.host], host.unavailable == nil ? 1 : 0)
      metrics.add(.statusTimestamp, ["host": host.host], now.milliseconds / 1000)
      guard host.unavailable == nil else { continue }
      metrics.add(.hostState, host: host.host, host.state)
      metrics.add(host.pools, host.host)
    }
    return metrics.text
  }
}

extension MetricText {
  fileprivate mutating func add(_ report: StatusReport, _ host: String, _ now: Timestamp) {
    let status = report.status
    if let pending = report.pending { add(.waitingUntil, ["host": host], pending.until / 1000) }
    if let count = report.notSetUp { add(.bootFailed, ["host": host], count) }
    add(.hostState, host: host, status.state)
    for guest in status.guests {
      add(.guestState, host: host, guest: guest.name, guest.state)
      if case .known(let found?) = guest.found, let ports = found.freePorts {
        add(.guestFreePorts, ["host": host, "guest": guest.name], ports)
      }
    }
    for nic in status.nics {
      add(.nicState, host: host, guest: nic.guest ?? "", nic: nic.label, nic.state)
      guard let since = report.memory?.since(nic.findings, of: nic.subject) else { continue }
      add(
        .drift, ["host": host, "guest": nic.guest ?? "", "nic": nic.label],
        max(now.milliseconds - since.milliseconds, 0) / 1000)
    }
  }

  fileprivate mutating func add(_ pools: [PoolStatus], _ host: String) {
    for pool in pools {
      for node in pool.nodes ?? [] {
        for state in MemberCounts.states {
          add(
            .poolMembers,
            [
              "host": host, "pool": pool.name, "node": node.number.map { "\($0)" } ?? "", "state": state.name,
            ], node.counts[keyPath: state.path])
        }
      }
    }
  }

  fileprivate mutating func add(_ observed: HostIndex, _ status: HostStatus, _ host: String) {
    add(.nicsFree, ["host": host], Availability.all(on: observed).values.count { $0 == .available })
    let names = Dictionary(
      status.nics.compactMap { nic in nic.function.map { ($0, nic.label) } },
      uniquingKeysWith: { one, _ in one })
    for function in observed.state.functions {
      guard let sriov = function.sriov else { continue }
      let labels: KeyValuePairs = [
        "host": host, "nic": names[function.address] ?? "", "function": "\(function.address)",
      ]
      add(.vfsConfigured, labels, sriov.count)
      add(.vfsSupported, labels, sriov.total)
    }
  }

  fileprivate mutating func add(_ runs: RecentRuns, _ host: String) {
    if let last = runs.lastApply {
      add(.lastApplyTimestamp, ["host": host], (last.ended ?? last.began).milliseconds / 1000)
      add(.lastApplySuccess, ["host": host], last.end == .success ? 1 : 0)
      add(
        .lastApplyInfo,
        ["host": host, "by": last.header.by, "revision": last.header.plan.revision ?? ""], 1)
    }
    add(.applyOpen, ["host": host], runs.open == nil ? 0 : 1)
    add(.awaitingConfirmation, ["host": host], runs.awaitingConfirmation == nil ? 0 : 1)
  }
}

extension NICStatus {
  /// The name of the NIC, or its address where it has no name.
  fileprivate var label: String { name ?? function.map { "\($0)" } ?? "" }
}
