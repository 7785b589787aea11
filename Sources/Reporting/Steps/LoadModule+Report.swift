import Planning

extension LoadModule: StepPresentation {
  func sentence(_ guest: String) -> String { "load kernel module \(module)" }
  var words: StepWords { .more(["load kernel module \(module)"]) }
  var details: [String] { [] }
  var hostNetworkLoss: String { .hostNetwork }

  func waiting(_ timeouts: Timeouts, guest: String) -> String? { nil }
  func graphChange(isNew: Bool) -> GraphPart? { nil }
}
