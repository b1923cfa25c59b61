using System.Globalization;
using Bitswap.Dag.Abstractions;

namespace Bitswap.Dag.UnixFs.Import.Chunking;

/// <summary>Chunks of one size; the last is what is left.</summary>
public sealed class SizeChunker : Chunker
{
    /// <summary>Makes a chunker.</summary>
    /// <param name="size">Bytes of a chunk, 1 to <see cref="Chunker.SizeLimit"/>.</param>
    /// <exception cref="DagException">InvalidChunker: the size is out of range.</exception>
    public SizeChunker(int size)
        : base(size is >= 1 and <= SizeLimit ? size : throw Invalid($"A chunk has 1 to {SizeLimit} bytes, not {size}."))
    {
    }

    /// <inheritdoc/>
    public override int FindCut(ReadOnlySpan<byte> data) => Math.Min(data.Length, MaxSize);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"size-{MaxSize}");
}
