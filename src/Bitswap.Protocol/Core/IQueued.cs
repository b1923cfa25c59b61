namespace Bitswap.Protocol.Core;

/// <summary>An element of a <see cref="LazyHeap{T}"/>.</summary>
internal interface IQueued
{
    /// <summary>The sequence number that it was queued under, or -1 when it is queued no more.</summary>
    long QueuedAs { get; }
}
