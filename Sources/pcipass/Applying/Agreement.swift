import Documents
import Planning

/// What a command would do, made from the host as it is.
protocol Proposal {
  var plan: Plan { get }
}

/// What is asked about a proposal.
enum ProposalQuestion {
  /// There is nothing to do.
  case nothing
  /// It is executed without a question.
  case goOn
  case ask(String)
}

/// Leads a command from a proposal to a session in which the proposal may be executed.
struct Agreement<Made: Proposal> {
  /// Nothing is asked (`--yes`).
  let isGiven: Bool
  /// Takes the host's lock.
  let open: () throws -> Session
  /// Makes the proposal; nil where there is nothing to do.
  let propose: (Session) throws -> Made?
  /// Shows the proposal.
  let ask: (Made, Session) throws -> ProposalQuestion

  /// Makes the proposal and asks about it. The lock is not held while the question is open: it is released before and taken
  /// again after. Then the proposal is made again, because the host may have changed in the meantime.
  ///
  /// - Returns: nil where there is nothing to do.
  /// - Throws: code `cancelled` where the answer is not yes, `stale` where the proposal has changed.
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

  /// Without a session where a question comes next: the lock is released.
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
  ///
  /// - Parameter task: `apply`, `rollback` or `recover`.
  func question(_ task: String) -> String {
    let steps = steps.count == 1 ? "this step" : "these \(steps.count) steps"
    return switch task {
    case "apply": "Apply \(steps) to \(host)?"
    case "rollback": "Roll back by \(steps) on \(host)?"
    default: "Recover by \(steps) on \(host)?"
    }
  }
}
