namespace Bitswap.Protocol.Actions;

/// <summary>
/// Search for peers that have a block. Only with <see cref="EngineOptions.ProviderSearch"/>. The host connects to those it finds (which it
/// reports as any connection) and then calls <see cref="BitswapEngine.ProvidersFound"/>, as often as it likes, the last time with
/// finished = true.
/// </summary>
/// <param name="RequestId">What the answer names.</param>
/// <param name="Cid">What is looked for.</param>
/// <param name="WantIds">The wants that it is looked for.</param>
public sealed record FindProviders(long RequestId, Cid Cid, IReadOnlyList<long> WantIds) : EngineAction;
