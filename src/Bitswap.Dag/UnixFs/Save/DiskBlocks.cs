using System.Buffers;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.UnixFs.FileSystem;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Multiformats;
using Microsoft.Win32.SafeHandles;

namespace Bitswap.Dag.UnixFs.Save;

/// <summary>Makes blocks of the bytes of files that are on a disk already, so that they need not be fetched.</summary>
internal static class DiskBlocks
{
    // more than a message of Bitswap holds is in no block
    private const long MaxSize = 4 << 20;

    /// <summary>Returns where an entry is below a folder.</summary>
    public static string PathOf(string folder, string relative) =>
        relative.Length == 0 ? folder : Path.Combine(folder, relative.Replace('/', Path.DirectorySeparatorChar));

    /// <summary>
    /// Returns the block of an item, made of the bytes at its place in a file below a folder; null where these are not there or are others. What is made hashes to
    /// the item's CID.
    /// </summary>
    public static async ValueTask<ReadOnlyMemory<byte>?> TryMakeAsync(ReadItem item, string folder, CancellationToken cancellationToken)
    {
        if (item is not IFileBytes bytes)
        {
            return null;
        }

        FileItem? part = item as FileItem;
        byte[]? data = await ReadAsync(PathOf(folder, bytes.Owner.RelativePath), part?.Offset ?? 0, part?.Size, cancellationToken).ConfigureAwait(false);
        if (data is null)
        {
            return null;
        }

        foreach (ReadOnlyMemory<byte> block in BlocksOf(item.Cid, data))
        {
            if (item.Cid.Hash.Matches(block.Span))
            {
                return block;
            }
        }

        return null;
    }

    private static async ValueTask<byte[]?> ReadAsync(string path, long offset, long? size, CancellationToken cancellationToken)
    {
        if (size > MaxSize || FileFacts.Read(path, follow: false) is not { Kind: FileKind.File } facts || !IsReadable(facts))
        {
            return null;
        }

        long wanted = size ?? facts.Length;
        if (wanted > MaxSize || offset + wanted > facts.Length)
        {
            return null;
        }

        byte[] data = new byte[wanted];
        try
        {
            using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous);
            return await FillAsync(file, offset, data, cancellationToken).ConfigureAwait(false) ? data : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // what cannot be read is as good as absent: it is fetched
            return null;
        }
    }

    /// <summary>Reads bytes of a file; false where it ends before them.</summary>
    public static async ValueTask<bool> FillAsync(SafeFileHandle file, long offset, Memory<byte> data, CancellationToken cancellationToken)
    {
        while (!data.IsEmpty)
        {
            int more = await RandomAccess.ReadAsync(file, data, offset, cancellationToken).ConfigureAwait(false);
            if (more == 0)
            {
                return false;
            }

            data = data[more..];
            offset += more;
        }

        return true;
    }

    /// <summary>Returns whether bytes are in a file, at an offset.</summary>
    public static async ValueTask<bool> IsSameAsync(SafeFileHandle file, long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(data.Length);
        try
        {
            Memory<byte> there = buffer.AsMemory(0, data.Length);
            return await FillAsync(file, offset, there, cancellationToken).ConfigureAwait(false) && there.Span.SequenceEqual(data.Span);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // one that is not to be read has been finished and given its mode: it is made again
    private static bool IsReadable(FileFacts facts) => facts.Mode is not { } mode || ((UnixFileMode)mode).HasFlag(UnixFileMode.UserRead);

    private static IEnumerable<ReadOnlyMemory<byte>> BlocksOf(Cid cid, byte[] data)
    {
        if (cid.Codec == Multicodec.Raw)
        {
            yield return data;
        }
        else if (cid.Codec == Multicodec.DagPb)
        {
            foreach (UnixFsType type in (UnixFsType[])[UnixFsType.File, UnixFsType.Raw])
            {
                UnixFsData leaf = new() { Type = type, Data = data, FileSize = (ulong)data.Length };
                yield return new DagPbNode([], leaf.Encode()).ToByteArray();
            }
        }
    }
}
