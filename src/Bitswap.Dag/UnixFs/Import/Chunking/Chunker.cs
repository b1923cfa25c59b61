using System.Globalization;
using Bitswap.Dag.Abstractions;

namespace Bitswap.Dag.UnixFs.Import.Chunking;

/// <summary>
/// Tells where a file is cut. A chunker has no state from one chunk to the next: a cut depends on the bytes since the last one alone. The cuts
/// are those of Kubo (boxo <c>chunker</c>).
/// </summary>
public abstract class Chunker
{
    /// <summary>The largest chunk in bytes: 2 MiB, which every Bitswap peer takes, less 256 for the frame of a leaf (boxo
    /// <c>ChunkSizeLimit</c>).</summary>
    public const int SizeLimit = (2 * 1024 * 1024) - 256;

    private protected Chunker(int maxSize) => MaxSize = maxSize;

    /// <summary>Gets the bytes of the longest chunk it makes.</summary>
    public int MaxSize { get; }

    /// <summary>Returns the length of the chunk that begins at <paramref name="data"/>.</summary>
    /// <param name="data">At least <see cref="MaxSize"/> bytes, or all that is left of the file; not empty.</param>
    public abstract int FindCut(ReadOnlySpan<byte> data);

    /// <summary>Makes the chunker of a description as Kubo's <c>--chunker</c> takes it: <c>size-1048576</c>, <c>rabin</c>,
    /// <c>rabin-262144</c>, <c>rabin-16-1024-4096</c> (least, average, most) or <c>buzhash</c>.</summary>
    /// <exception cref="DagException">InvalidChunker: it is none of these, or a size is out of range.</exception>
    public static Chunker Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split('-');
        return (parts[0], parts.Length) switch
        {
            ("size", 2) => new SizeChunker(Number(text, parts[1])),
            ("rabin", 1) => RabinChunker.OfAverage(RabinChunker.DefaultAverage),
            ("rabin", 2) => RabinChunker.OfAverage(Number(text, parts[1])),
            ("rabin", 4) => new RabinChunker(
                Number(text, Unlabelled(parts[1], "min:")), Number(text, Unlabelled(parts[2], "avg:")), Number(text, Unlabelled(parts[3], "max:"))),
            ("buzhash", 1) => new BuzhashChunker(),
            _ => throw Invalid($"'{text}' is no chunker: size-<bytes>, rabin, rabin-<average>, rabin-<least>-<average>-<most> or buzhash."),
        };
    }

    /// <summary>Returns the description that <see cref="Parse"/> takes.</summary>
    public abstract override string ToString();

    private protected static DagException Invalid(string message) => new(DagErrorIds.InvalidChunker, message);

    private static string Unlabelled(string part, string label) =>
        part.StartsWith(label, StringComparison.Ordinal) ? part[label.Length..] : part;

    private static int Number(string text, string digits) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw Invalid($"'{text}' is no chunker: '{digits}' is no size in bytes.");
}

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
