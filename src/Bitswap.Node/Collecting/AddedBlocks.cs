using System.Buffers.Binary;
using Bitswap.Node.Blockstores;
using Bitswap.Node.Core;
using Microsoft.Extensions.Logging;

namespace Bitswap.Node.Collecting;

/// <summary>
/// Remembers, over restarts, which blocks of a repository were added by its user and not fetched: they are collected last. A file holds the last bytes of the hash of each, one after the
/// other. What is not in it, because the process died or the file was lost, counts as fetched. Thread-safe.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="log">Told of a file that is of no use.</param>
/// <param name="capacity">Of how many blocks. Of more, those that were added first count as fetched.</param>
internal sealed class AddedBlocks(string file, ILogger log, int capacity = 1 << 23)
{
    /// <summary>Its name in a repository.</summary>
    public const string FileName = "blocks.added";

    private const int MaxPending = 1024;
    private const int MaxKnown = 1 << 16;

    /// <summary>So many entries more than after the last time are not worth writing the file anew.</summary>
    private const int MinRewrite = 8 * MaxPending;
    private const int KeySize = sizeof(ulong);
    private static readonly byte[] _head = "BSADDED1"u8.ToArray();

    private readonly Lock _lock = new();
    private readonly List<ulong> _pending = [];

    // of those noted since the last read, so that one that is added again and again is noted once
    private readonly HashSet<ulong> _known = [];
    private long _rewritten;
    private bool _isAsRead;

    /// <summary>Notes that a block was added.</summary>
    public void Note(in Multihash hash)
    {
        lock (_lock)
        {
            if (_known.Count >= MaxKnown)
            {
                _known.Clear();
            }

            ulong key = UseOrder.KeyOf(hash);
            if (!_known.Add(key))
            {
                return;
            }

            _pending.Add(key);
            if (_pending.Count >= MaxPending)
            {
                Write();
            }
        }
    }

    /// <summary>Writes what has not been written.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            Write();
        }
    }

    /// <summary>Returns what stands for each block that was added, as <see cref="UseOrder.KeyOf"/> makes it, and how many entries the file has for them.</summary>
    public (HashSet<ulong> Keys, int Entries) Read()
    {
        lock (_lock)
        {
            Write();

            // what is added from now on is noted anew: until the read is over it may be gone
            _known.Clear();
            _isAsRead = true;
            try
            {
                List<ulong> keys = [.. ReadKeys()];
                return ([.. keys], keys.Count);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                log.AddedBlocksNotKept(file, error.Message);
                return ([], 0);
            }
        }
    }

    /// <summary>Forgets all but some of those that were there, and keeps what was noted since.</summary>
    /// <param name="kept">Which stay.</param>
    /// <param name="read">How many entries there were when they were read.</param>
    public void Keep(IReadOnlySet<ulong> kept, int read)
    {
        // to write it all anew for little would cost more than it brings
        if (read - kept.Count <= Math.Max(kept.Count, MaxPending))
        {
            return;
        }

        lock (_lock)
        {
            Write();

            // one that was written anew since has other entries; the next collection forgets what is gone
            if (_isAsRead)
            {
                Rewrite((key, i) => i >= read || kept.Contains(key));
            }
        }
    }

    private void Rewrite(Func<ulong, int, bool> isLeft)
    {
        try
        {
            ulong[] left = [.. ReadKeys().Where(isLeft).Distinct()];
            byte[] content = new byte[_head.Length + (left.Length * KeySize)];
            _head.CopyTo(content, 0);
            for (int i = 0; i < left.Length; i++)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(content.AsSpan(_head.Length + (i * KeySize)), left[i]);
            }

            OwnFile.Replace(file, $"{file}-{Guid.NewGuid():N}.tmp", content, overwrite: true);
            _rewritten = left.Length;
            _isAsRead = false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            log.AddedBlocksNotKept(file, error.Message);
        }
    }

    private IEnumerable<ulong> ReadKeys()
    {
        if (!File.Exists(file))
        {
            yield break;
        }

        using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
        byte[] key = new byte[KeySize];
        if (stream.ReadAtLeast(key, KeySize, throwOnEndOfStream: false) < KeySize || !key.AsSpan().SequenceEqual(_head))
        {
            log.AddedBlocksNotKept(file, "it has no such content, and is made anew");
            stream.Dispose();
            File.Delete(file);
            yield break;
        }

        long count = (stream.Length / KeySize) - 1;
        stream.Position = KeySize * (1 + Math.Max(0, count - capacity));
        while (stream.ReadAtLeast(key, KeySize, throwOnEndOfStream: false) == KeySize)
        {
            yield return BinaryPrimitives.ReadUInt64LittleEndian(key);
        }
    }

    private void Write()
    {
        if (_pending.Count == 0)
        {
            return;
        }

        long entries = 0;
        try
        {
            using FileStream stream = File.Exists(file) ? new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.None) : OwnFile.Create(file);
            if (stream.Length == 0)
            {
                stream.Write(_head);
            }

            // a part of a key that a dead process left is written over
            stream.Position = stream.Length / KeySize * KeySize;
            byte[] keys = new byte[_pending.Count * KeySize];
            for (int i = 0; i < _pending.Count; i++)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(keys.AsSpan(i * KeySize), _pending[i]);
            }

            stream.Write(keys);
            entries = (stream.Length / KeySize) - 1;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            log.AddedBlocksNotKept(file, error.Message);
        }

        _pending.Clear();
        if (entries > Math.Max(2 * _rewritten, MinRewrite))
        {
            Rewrite(static (_, _) => true);
        }
    }
}
