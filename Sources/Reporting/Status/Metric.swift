import Documents

/// The metrics for Prometheus. Names, labels and meanings are stable; docs/metrics.md lists them.
public enum Metric: String, CaseIterable, Sendable {
  case buildInfo = "pcipass_build_info"
  case observeSuccess = "pcipass_observe_success"
  case statusTimestamp = "pcipass_status_timestamp_seconds"
  case hostState = "pcipass_host_state"
  case guestState = "pcipass_guest_state"
  case nicState = "pcipass_nic_state"
  case drift = "pcipass_drift_seconds"
  case poolMembers = "pcipass_pool_members"
  case nicsFree = "pcipass_nics_free"
  case vfsConfigured = "pcipass_vfs_configured"
  case vfsSupported = "pcipass_vfs_supported"
  case guestFreePorts = "pcipass_guest_free_ports"
  case lastApplyTimestamp = "pcipass_last_apply_timestamp_seconds"
  case lastApplySuccess = "pcipass_last_apply_success"
  case lastApplyInfo = "pcipass_last_apply_info"
  case applyOpen = "pcipass_apply_open"
  case awaitingConfirmation = "pcipass_awaiting_confirmation"
  case waitingUntil = "pcipass_waiting_confirmation_until"
  case bootFailed = "pcipass_boot_failed"

  var help: String {
    switch self {
    case .buildInfo: "Always 1, with the version of pcipass that wrote this."
    case .observeSuccess: "Whether the host and its manifests could be read."
    case .statusTimestamp: "When this was written, in seconds since 1970."
    case .hostState: "Whether the host as a whole is in this state: the worst state of its NICs."
    case .guestState: "Whether the guest is in this state: the worst state of its NICs."
    case .nicState: "Whether the NIC is in this state."
    case .drift:
      "The age of the oldest difference or refusal of the NIC, in seconds; absent where it is in sync."
    case .poolMembers: "How many members of the pool are in this state."
    case .nicsFree: "How many NIC functions, VFs included, are available."
    case .vfsConfigured: "How many virtual functions a physical function has."
    case .vfsSupported: "How many virtual functions a physical function can have."
    case .guestFreePorts: "How many more devices can be hot-plugged into the running guest."
    case .lastApplyTimestamp: "When the last apply finished, in seconds since 1970."
    case .lastApplySuccess: "Whether all steps of the last apply are done."
    case .lastApplyInfo: "Always 1, with the user of the last apply and the commit of its manifests."
    case .applyOpen: "Whether an apply or rollback was interrupted, is stuck, or is running."
    case .awaitingConfirmation: "Whether an apply waits for pcipass confirm."
    case .waitingUntil: "When the apply that waits is rolled back, in seconds since 1970; absent without one."
    case .bootFailed:
      "How many functions of the boot record were not set up since the host was started; absent without a record."
    }
  }
}

/// Samples of gauges in Prometheus's text format, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
struct MetricText {
  private var samples: [Metric: [String]] = [:]

  /// Adds a sample.
  ///
  /// - Parameter labels: the label `host` first. Empty labels are left out, because Prometheus treats them as
  ///   absent.
  mutating func add(_ metric: Metric, _ labels: KeyValuePairs<String, String>, _ value: Int) {
    let words = labels.filter { !$0.value.isEmpty }.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
    samples[metric, default: []].append("\(metric.rawValue){\(words.joined(separator: ","))} \(value)\n")
  }

  /// Adds a sample for each state: 1 for the present one and 0 for the others.
  mutating func add<State: CaseIterable & RawRepresentable<String> & Equatable>(
    _ metric: Metric, host: String, guest: String = "", nic: String = "", _ state: State
  ) {
    for other in State.allCases {
      add(
        metric, ["host": host, "guest": guest, "nic": nic, "state": other.rawValue], other == state ? 1 : 0)
    }
  }

  var text: String {
    Metric.allCases.reduce(into: "") { result, metric in
      guard let lines = samples[metric] else { return }
      result += "# HELP \(metric.rawValue) \(metric.help)\n# TYPE \(metric.rawValue) gauge\n"
      for line in lines { result += line }
    }
  }

  /// Escapes a label's value. The format has escapes for three characters only. Invisible characters are
  /// written as `\u{…}`, with the backslash escaped.
  static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "\n": result += "\\n"
      case _ where scalar.isInvisible: result += "\\\\u{" + String(scalar.value, radix: 16) + "}"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }
}
