namespace Bitswap.Node.Routing;

/// <summary>What a peer said when it was asked whether it has a block.</summary>
/// <param name="Answer"><see cref="HaveQuestion.Have"/>, <see cref="HaveQuestion.NotAsked"/>, the name of a <see cref="Protocol.PeerAnswerKind"/>, or the id of an error.</param>
/// <param name="Latency">From asking to that.</param>
internal readonly record struct HaveAnswer(string Answer, TimeSpan Latency);
