namespace Bitswap.Protocol.Actions;

/// <summary>Something that the host of a <see cref="BitswapEngine"/> is to do. Taken with <see cref="BitswapEngine.TryDequeue"/>.</summary>
public abstract record EngineAction;
