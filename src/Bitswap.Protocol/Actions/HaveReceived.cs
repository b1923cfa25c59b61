namespace Bitswap.Protocol.Actions;

/// <summary>A want of <see cref="Wire.WantType.Have"/> ended well: somebody has the block.</summary>
/// <param name="WantId">The want.</param>
/// <param name="From">Who has it; null when the store has it.</param>
/// <param name="Latency">How long that peer took to say so; zero for the store.</param>
public sealed record HaveReceived(long WantId, PeerId? From, TimeSpan Latency) : EngineAction;
