using System.Buffers;
using System.Globalization;
using System.Management.Automation;
using System.Text;
using Bitswap.Binding;
using Bitswap.Errors;
using Bitswap.Pipeline;

namespace Bitswap.Blocks;

/// <summary>
/// Makes data of what is piped. PowerShell pipes a <c>byte[]</c> as single bytes: those that follow one another are one block.
/// </summary>
internal sealed class BlockInput(int limit)
{
    private ArrayBufferWriter<byte>? _bytes;
    private long _byteCount;

    /// <summary>Takes one object.</summary>
    /// <returns>What is complete with it: the bytes before it, the object itself, both or nothing.</returns>
    /// <exception cref="FaultException">It is no data, too large, or cannot be read.</exception>
    public IEnumerable<Func<BlockData>> Take(object? item, CancellationToken cancellationToken)
    {
        object? value = Unwrap.Base(item);
        if (value is byte single)
        {
            Collect(single);
            yield break;
        }

        if (Flush() is { } before)
        {
            yield return before;
        }

        yield return () => One(value, item, cancellationToken);
    }

    /// <summary>The bytes that were piped last, if any.</summary>
    public Func<BlockData>? Flush()
    {
        if (_bytes is null)
        {
            return null;
        }

        (ArrayBufferWriter<byte> bytes, long count) = (_bytes, _byteCount);
        _bytes = null;
        return () => count > limit
            ? throw TooLarge("The piped data", count)
            : new BlockData(bytes.WrittenMemory, $"{count} bytes from the pipeline", null, null, true);
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="FaultException">It is too large or cannot be read.</exception>
    public BlockData File(string path, CancellationToken cancellationToken)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, FileOptions.SequentialScan);
            if (file.Length > limit)
            {
                throw TooLarge(path, file.Length);
            }

            return new BlockData(Read(file, path, cancellationToken), path, path, null, true);
        }
        catch (Exception cause) when (cause is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FaultException(Faults.PathNotFound(path));
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new FaultException(Faults.ReadFailed(path, cause));
        }
    }

    private void Collect(byte value)
    {
        if (_bytes is null)
        {
            _bytes = new ArrayBufferWriter<byte>();
            _byteCount = 0;
        }

        // counted to the end for the message, kept only as far as it can be used
        if (++_byteCount <= limit)
        {
            _bytes.GetSpan(1)[0] = value;
            _bytes.Advance(1);
        }
    }

    private BlockData One(object? value, object? item, CancellationToken cancellationToken) => value switch
    {
        byte[] bytes => Check(bytes, bytes, null, false),
        ReadOnlyMemory<byte> memory => Check(memory, item!, null, false),
        string text => Check(Encoding.UTF8.GetBytes(text), text, null, true),
        BitswapBlock { Data: { } data } block => Check(data, block, Cid.Parse(block.Cid), false),
        FileInfo file => File(file.FullName, cancellationToken),
        Stream stream => new BlockData(ReadStream(stream, cancellationToken), stream, null, null, true),
        IReadOnlyCollection<byte> bytes => Check(bytes.ToArray(), item!, null, true),
        object[] parts when parts.Length > 0 && Array.TrueForAll(parts, part => Unwrap.Base(part) is byte) =>
            Check(Array.ConvertAll(parts, part => (byte)Unwrap.Base(part)!), item!, null, true),
        _ when item is PSObject wrapped && CopiedBlock(wrapped) is { } copy => copy,
        _ => throw new FaultException(Faults.InvalidInput(value)),
    };

    // what a serializer made of a block that was read: its data as bytes, or as a list of numbers
    private BlockData? CopiedBlock(PSObject item)
    {
        byte[]? data = Unwrap.Property(item, "Data") switch
        {
            byte[] bytes => bytes,
            object[] numbers when Array.TrueForAll(numbers, number => Unwrap.Base(number) is byte or long and >= 0 and <= 255) =>
                Array.ConvertAll(numbers, number => Convert.ToByte(Unwrap.Base(number), CultureInfo.InvariantCulture)),
            _ => null,
        };
        return data is not null && Unwrap.TryText(Unwrap.Property(item, "Cid"), out string? text) && Cid.TryParse(text, out Cid? cid) ? Check(data, item, cid, true) : null;
    }

    private BlockData Check(ReadOnlyMemory<byte> data, object target, Cid? expected, bool isOurs) =>
        data.Length <= limit ? new BlockData(data, target, null, expected, isOurs) : throw TooLarge(target, data.Length);

    private ReadOnlyMemory<byte> ReadStream(Stream stream, CancellationToken cancellationToken)
    {
        try
        {
            return Read(stream, stream, cancellationToken);
        }
        catch (Exception cause) when (cause is IOException or NotSupportedException or ObjectDisposedException)
        {
            throw new FaultException(Faults.ReadFailed(stream, cause));
        }
    }

    private ReadOnlyMemory<byte> Read(Stream source, object target, CancellationToken cancellationToken)
    {
        // one byte more than allowed tells that there is too much
        byte[] buffer = new byte[source.CanSeek ? Math.Clamp(source.Length - source.Position, 0, limit) + 1 : 64 * 1024];
        int length = 0;
        while (true)
        {
            int read = PipelineThread.Wait(source.ReadAsync(buffer.AsMemory(length), cancellationToken));
            length += read;
            if (length > limit)
            {
                throw TooLarge(target, source.CanSeek ? source.Length : length);
            }

            if (read == 0)
            {
                return buffer.AsMemory(0, length);
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, (int)Math.Min(2L * buffer.Length, (long)limit + 1));
            }
        }
    }

    private FaultException TooLarge(object target, long size) =>
        new(limit < BlockLimits.Sendable ? Faults.BlockTooLarge(target, size, limit) : Faults.BlockTooLargeToSend(target, limit));
}

/// <summary>Data that is to become a block.</summary>
/// <param name="Data">The bytes.</param>
/// <param name="Target">What the user gave, for errors.</param>
/// <param name="Path">The file it came from, or null.</param>
/// <param name="Expected">The CID it comes with, or null.</param>
/// <param name="IsOurs">Whether the bytes are the block's own: no other code can write into them.</param>
internal sealed record BlockData(ReadOnlyMemory<byte> Data, object Target, string? Path, Cid? Expected, bool IsOurs);
