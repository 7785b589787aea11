import Files
import SystemPackage

/// A tc filter that redirects or mirrors the traffic of an interface to others by tc-mirred(8).
struct RedirectRecord: Equatable {
  var from: Int
  var to: [Int]

  /// RTM_NEWTFILTER, and the size of tcmsg in bytes.
  private static let (newFilter, header): (UInt16, Int) = (44, 20)
  /// TCA_KIND and TCA_OPTIONS, and the attributes of an action of the same numbers (TCA_ACT_KIND,
  /// TCA_ACT_OPTIONS).
  private static let (kind, options): (UInt16, UInt16) = (1, 2)
  /// The attribute that contains the actions, for each kind of filter: `linux/pkt_cls.h`.
  private static let actions: [String: UInt16] = [
    "matchall": 2, "flower": 3, "u32": 7, "bpf": 1, "basic": 3, "fw": 4, "cgroup": 1, "flow": 11, "route": 6,
  ]

  /// Nil if the message is not RTM_NEWTFILTER, or the filter has no tc-mirred action.
  ///
  /// - Throws: `.malformed` if it cannot be decoded.
  init?(_ message: NetlinkMessage) throws(Netlink.Failure) {
    guard message.kind == Self.newFilter else { return nil }
    guard let index: Int32 = message.content.number(at: 4) else { throw .malformed }
    var kind = ""
    var options: Bytes?
    let isWhole = NetlinkMessage.attributes(of: message.content, from: Self.header) { attribute, value in
      if attribute == Self.kind { kind = value.untilNUL.text }
      if attribute == Self.options { options = value }
    }
    guard isWhole else { throw .malformed }
    guard let options, let wanted = Self.actions[kind] else { return nil }
    var targets: [Int] = []
    _ = NetlinkMessage.attributes(of: options) { attribute, value in
      guard attribute == wanted else { return }
      _ = NetlinkMessage.attributes(of: value) { _, action in
        if let target = Self.target(of: action), !targets.contains(target) { targets.append(target) }
      }
    }
    guard !targets.isEmpty else { return nil }
    (from, to) = (Int(index), targets)
  }

  /// The target interface of a tc-mirred action: `ifindex` of tc_mirred, in TCA_MIRRED_PARMS.
  private static func target(of action: Bytes) -> Int? {
    var isMirred = false
    var target: UInt32?
    _ = NetlinkMessage.attributes(of: action) { attribute, value in
      if attribute == kind { isMirred = value.untilNUL.isEqual(to: "mirred") }
      guard attribute == options else { return }
      _ = NetlinkMessage.attributes(of: value) { attribute, parameters in
        if attribute == 2 { target = parameters.number(at: 24) }
      }
    }
    return isMirred ? target.map { Int($0) } : nil
  }
}

extension Netlink {
  /// RTM_NEWQDISC, RTM_GETQDISC and RTM_GETTFILTER.
  private static let (newQueue, getQueue, getFilter): (UInt16, UInt16, UInt16) = (36, 38, 46)
  /// The parents TC_H_MIN_INGRESS and TC_H_MIN_EGRESS of TC_H_CLSACT.
  private static let parents: [UInt32] = [0xFFFF_FFF2, 0xFFFF_FFF3]

  /// All redirects of the namespace. Filters are read only of interfaces that have a qdisc `clsact` or
  /// `ingress`.
  func redirects() throws(Failure) -> [RedirectRecord] {
    let all = [UInt8](repeating: 0, count: 20)
    let filtering = try dump(Self.getQueue, all) { message throws(Failure) -> Int? in
      guard message.kind == Self.newQueue, let index: Int32 = message.content.number(at: 4) else {
        return nil
      }
      var isFiltering = false
      _ = NetlinkMessage.attributes(of: message.content, from: 20) { kind, value in
        let name = value.untilNUL
        if kind == 1 { isFiltering = name.isEqual(to: "clsact") || name.isEqual(to: "ingress") }
      }
      return isFiltering ? Int(index) : nil
    }
    var result: [RedirectRecord] = []
    for index in Set(filtering).sorted() {
      for parent in Self.parents {
        let question =
          [0, 0, 0, 0] + NetlinkMessage.bytes(Int32(index)) + NetlinkMessage.bytes(UInt32(0))
          + NetlinkMessage.bytes(parent) + NetlinkMessage.bytes(UInt32(0))
        do throws(Failure) {
          result += try dump(Self.getFilter, question) { message throws(Failure) in
            try RedirectRecord(message)
          }
        } catch {
          // The interface was deleted in the meantime, or does not have this parent.
          guard case .refused = error else { throw error }
        }
      }
    }
    return result
  }
}
