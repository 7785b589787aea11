import Documents
import Files
import HostModel
import Hosts
import Planning

/// Sets up what the boot record contains. Each card is set up by itself: what cannot be set up is left and
/// named, and the others go on. Nothing is planned, and no guest manager is asked.
///
/// It writes no journal: the record is on the disk, and a boot that is interrupted starts again from it.
public struct BootRun: Sendable {
  /// What was done for one function.
  public struct Result: Sendable, Equatable {
    public let entry: BootEntry
    /// The steps that were done; empty if it was in place.
    public var done: [Step] = []
    public var problem: BootProblem?
  }

  /// The host, without its guests: at boot, their managers wait for pcipass.
  private let host: any Host
  private let stop: @Sendable () -> String?
  private let tell: @Sendable (Step) -> Void

  /// - Parameters:
  ///   - stop: returns a reason to begin no other step, or `nil`.
  ///   - tell: called before each step.
  public init(
    on host: any Host, stop: @escaping @Sendable () -> String? = { nil },
    tell: @escaping @Sendable (Step) -> Void = { _ in }
  ) {
    self.host = host
    self.stop = stop
    self.tell = tell
  }

  /// Sets up all parts, side by side. Parts whose driver is slow are waited for.
  ///
  /// - Returns: the results by address, each PF before its VFs.
  public func run(_ record: BootRecord, waiting time: Duration) -> [Result] {
    let end = ContinuousClock.now + time
    var waiting = record.parts
    var results: [PCIAddress: [Result]] = [:]
    while true {
      let host = try? observe()
      let isLast = waiting.isEmpty || .now >= end || stop() != nil
      let ready = waiting.filter { part in isLast || !(host.map(part.isAwaited) ?? true) }
      let done = inParallel(count: ready.count, atLeast: 1) { range in range.map { run(ready[$0]) } }
      for (part, result) in zip(ready, done) {
        results[part.address] = result.following(results[part.address] ?? [])
      }
      if isLast { return record.parts.flatMap { results[$0.address] ?? [] } }
      // For example, the interface of a PF is renamed while the settings of its VFs are read.
      let unready = Set(
        zip(ready, done).filter { $1.contains { $0.problem?.mayPass ?? false } }.map(\.0.address))
      let tried = Set(ready.map(\.address))
      waiting.removeAll { tried.contains($0.address) && !unready.contains($0.address) }
      if !waiting.isEmpty { sleep(for: .milliseconds(250)) }
    }
  }

  /// Sets up one part.
  func run(_ part: BootPart) -> [Result] {
    do throws(HostFailure) {
      var index = try observe()
      var results: [Result] = []
      if let entry = part.entry {
        let result = execute(part.stage(on: index), entry, on: index)
        results.append(result)
        if let problem = result.problem { return results + part.members.map { left($0, because: problem) } }
        if !result.done.isEmpty {
          index = try observe()
          // The driver of a PF that is also bound comes after its VFs.
          let rest = execute(part.stage(on: index), entry, on: index)
          results[0].done += rest.done
          results[0].problem = rest.problem
          if let problem = rest.problem { return results + part.members.map { left($0, because: problem) } }
        }
      } else if case .left(let problem) = part.stage(on: index) {
        return part.members.map { left($0, because: problem) }
      }
      if part.needsInterfaceUp(on: index) {
        do throws(HostFailure) { try host.setInterfaceUp(part.address) } catch {
          let failure = BootProblem(
            .failed, function: part.address, nic: part.entries[0].nic, guest: nil, error.message,
            help: error.help)
          return results + part.members.map { left($0, because: failure) }
        }
      }
      for member in part.members {
        results.append(execute(part.stage(of: member, on: index), member, on: index))
      }
      return results
    } catch {
      return part.entries.map { Result(entry: $0, problem: BootProblem(.unknown, $0, error.message)) }
    }
  }

  private func observe() throws(HostFailure) -> HostIndex {
    do { return HostIndex(try host.observe()) } catch {
      throw HostFailure(.unreadable, error.message)
    }
  }

  private func left(_ entry: BootEntry, because problem: BootProblem) -> Result {
    let code: BootProblem.Code = problem.mayPass || problem.isIntended ? problem.code : .physicalFunction
    return Result(
      entry: entry,
      problem: BootProblem(
        code, entry, "\(entry.address) needs \(problem.function): \(problem.message)", help: problem.help))
  }

  private func execute(_ stage: BootPart.Stage, _ entry: BootEntry, on host: HostIndex) -> Result {
    switch stage {
    case .inPlace: return Result(entry: entry)
    case .left(let problem): return Result(entry: entry, problem: problem)
    case .steps(let steps):
      let executor = Executor(host: self.host, onFailure: .stop, stop: stop) { entry throws(JournalFailure) in
        if case .starting(let step, _) = entry { tell(step) }
      }
      // As in a rollback, no manifest allows anything: what the host uses by now is left to it.
      let judge = StepJudge(.boot(steps, on: host), .back(isFinal: true), since: host)
      let outcome = executor.run(steps, judgedBy: judge, on: host)
      let problem = outcome.failure.map { failure in
        BootProblem(
          .failed, entry, "\(failure.step.id): \(failure.failure.message)", help: failure.failure.help)
      }
      return Result(entry: entry, done: outcome.done.map(\.step), problem: problem)
    }
  }
}

extension [BootRun.Result] {
  /// Returns these results with the steps that an earlier attempt has done.
  fileprivate func following(_ earlier: Self) -> Self {
    map { result in
      var result = result
      result.done = (earlier.first { $0.entry.address == result.entry.address }?.done ?? []) + result.done
      return result
    }
  }
}
