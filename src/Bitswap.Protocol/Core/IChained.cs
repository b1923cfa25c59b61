namespace Bitswap.Protocol.Core;

/// <summary>An element of a <see cref="Chain{T}"/>, of one at a time.</summary>
internal interface IChained<T>
    where T : class
{
    T? Previous { get; set; }

    T? Next { get; set; }
}
