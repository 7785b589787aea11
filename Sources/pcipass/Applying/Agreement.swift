import Documents
import Execution
import Planning

/// A plan that a command offers to execute, made from the current state of the host.
protocol Proposal {
  var plan: Plan { get }
}

/// Whether a proposal needs a question before it is executed.
enum ProposalQuestion {
  /// There is nothing to do.
  case nothing
  /// It is executed without a question.
  case goOn
  case ask(String)
}

/// Leads a command from a proposal to a session in which the proposal may be executed.
struct Agreement<Made: Proposal> {
  /// Whether the question is skipped (`--yes`).
  let isGiven: Bool
  /// Takes the host's lock.
  let open: () throws -> Session
  /// Makes the proposal; nil where there is nothing to do.
  let propose: (Session) throws -> Made?
  /// Shows the proposal.
  let ask: (Made, Session) throws -> ProposalQuestion

  /// Makes the proposal and asks for confirmation. The lock is released before the question and
  /// taken again after it. Then the proposal is made again, because the host may have changed.
  ///
  /// - Returns: nil where there is nothing to do.
  /// - Throws: code `cancelled` where the answer is not `yes`, `stale` where the proposal has
  ///   changed.
  func reached(on terminal: Terminal) throws -> (Session, Made)? {
    guard let first = try proposed() else { return nil }
    if let session = first.session { return (session, first.made) }
    terminal.waitAgain()
    try terminal.require(first.question)
    let session = try open()
    let now = try propose(session)
    if let now, now.plan.refusals.isEmpty, now.plan.isSame(as: first.made.plan) { return (session, now) }
    throw Diagnostics(
      [StalePlan.question] + (now.map { StalePlan.changes(from: first.made.plan, to: $0.plan) } ?? []))
  }

  /// The proposal and its question. The session is nil, and its lock released, where the question
  /// must be asked.
  private func proposed() throws -> (session: Session?, made: Made, question: String)? {
    let session = try open()
    guard let made = try propose(session) else { return nil }
    return switch try ask(made, session) {
    case .nothing: nil
    case .goOn: (session, made, "")
    case .ask(let question): (isGiven ? session : nil, made, question)
    }
  }
}

extension Plan {
  /// The question before the plan is executed.
  func question(_ task: RunReport.Kind) -> String {
    let steps = steps.count == 1 ? "this step" : "these \(steps.count) steps"
    return switch task {
    case .apply: "Apply \(steps) to \(host)?"
    case .rollback: "Roll back \(host) with \(steps)?"
    case .recover: "Recover \(host) with \(steps)?"
    }
  }
}
