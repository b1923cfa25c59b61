using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Bitswap.Node.Core;

namespace Bitswap.Node.Blockstores;

/// <content>What a store with a bound does beside: room is reserved before a block is written, and what is there is counted.</content>
public sealed partial class FlatFileBlockstore
{
    private const int MaxCountFileLength = 256;
    private const string CountFileHead = "bitswap-count 1";

    private readonly CancellationTokenSource _closing = new();
    private Task _counting = Task.CompletedTask;

    /// <summary>A block and the time of its file.</summary>
    internal readonly record struct TimedBlock(Multihash Hash, long Size, DateTime Written);

    /// <summary>Gets the bound of the store; null where it has none.</summary>
    internal StoreQuota? Quota => _options.IsReadOnly ? null : _options.Quota;

    /// <summary>Returns the blocks with the times of their files, folder by folder.</summary>
    internal async IAsyncEnumerable<TimedBlock> ListTimedAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (string folder in await _pool.RunAsync(static store => store.Folders(), this, cancellationToken).ConfigureAwait(false))
        {
            List<TimedBlock> blocks = await _pool.RunAsync(
                static arguments => arguments.Store.ListTimed(arguments.Folder), (Store: this, Folder: folder), cancellationToken).ConfigureAwait(false);
            foreach (TimedBlock block in blocks)
            {
                yield return block;
            }
        }
    }

    private async ValueTask PutBoundedAsync(StoreQuota quota, Cid cid, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (!await TryReserveAsync(quota, cid, data, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        bool isStored = false;
        try
        {
            isStored = await _pool.RunAsync(
                static arguments => arguments.Store.Put(arguments.Cid, arguments.Data), (Store: this, Cid: cid, Data: data), cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            if (!isStored)
            {
                quota.Release(data.Length);
            }
        }
    }

    private async ValueTask<string?> WriteAsideBoundedAsync(StoreQuota quota, Cid cid, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (!await TryReserveAsync(quota, cid, data, cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        string? unfinished = null;
        try
        {
            return unfinished = await _pool.RunAsync(
                static arguments => arguments.Store.WriteAside(arguments.Cid, arguments.Data.Span), (Store: this, Cid: cid, Data: data), cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            if (unfinished is null)
            {
                quota.Release(data.Length);
            }
        }
    }

    // what goes while the store is counted would be counted or not
    private async ValueTask<bool> RemoveCountedAsync(StoreQuota quota, Cid cid, CancellationToken cancellationToken)
    {
        await quota.Counted.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await _pool.RunAsync(static arguments => arguments.Store.Remove(arguments.Cid), (Store: this, Cid: cid), cancellationToken).ConfigureAwait(false);
    }

    // false where there is nothing to reserve for, since the block is there
    private async ValueTask<bool> TryReserveAsync(StoreQuota quota, Cid cid, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        await quota.Counted.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (quota.TryReserve(data.Length))
        {
            return true;
        }

        if (await _pool.RunAsync(
            static arguments => Holds(arguments.Path, arguments.Data.Span), (Path: _layout.PathOf(cid.Hash), Data: data), cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        await quota.ReserveAsync(cid, data.Length, cancellationToken).ConfigureAwait(false);
        return true;
    }

    // puts a file that is written in its place, and says so
    private void Rename(in Multihash hash, string unfinished, string path, long length)
    {
        if (Quota is not { } quota)
        {
            File.Move(unfinished, path, overwrite: true);
            return;
        }

        lock (quota.StripeOf(path))
        {
            long? replaced = LengthOf(path);
            File.Move(unfinished, path, overwrite: true);
            quota.Stored(hash, length, replaced);
        }
    }

    private bool Delete(string path)
    {
        if (Quota is not { } quota)
        {
            bool exists = File.Exists(path);
            if (exists)
            {
                RefuseReadOnly();
            }

            File.Delete(path);
            return exists;
        }

        lock (quota.StripeOf(path))
        {
            if (LengthOf(path) is not { } length)
            {
                return false;
            }

            File.Delete(path);
            quota.Removed(length);
            return true;
        }
    }

    private static long? LengthOf(string path)
    {
        FileInfo file = new(path);
        return file.Exists ? file.Length : null;
    }

    private void BeginCounting()
    {
        if (Quota is not { } quota)
        {
            return;
        }

        _counting = Task.Run(async () =>
        {
            try
            {
                if (ReadCount(quota) is { } known)
                {
                    quota.Begin(known.Bytes, known.Blocks);
                    return;
                }

                long bytes = 0;
                long blocks = 0;
                await foreach (TimedBlock block in ListTimedAsync(_closing.Token).ConfigureAwait(false))
                {
                    bytes += block.Size;
                    blocks++;
                }

                quota.Begin(bytes, blocks);
            }
            catch (Exception failure) when (failure is OperationCanceledException or BitswapException || IsFileError(failure))
            {
                quota.Fail(failure as BitswapException ?? StoreErrors.Failed($"The blocks of '{Path}' cannot be counted", Path, failure));
            }
        });
    }

    private async ValueTask EndCountingAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _counting.ConfigureAwait(false);
        if (Quota is { } quota)
        {
            quota.Close(StoreErrors.Closed());
        }
    }

    // once nothing is written any more
    private void KeepCount()
    {
        if (Quota is not { CountFile: { } file, Counted.IsCompletedSuccessfully: true } quota)
        {
            return;
        }

        try
        {
            string text = string.Create(CultureInfo.InvariantCulture, $"{CountFileHead}\n{quota.StoredBytes} {quota.StoredBlocks}\n{FolderTimes()}\n");
            OwnFile.Replace(file, $"{file}-{Guid.NewGuid():N}.tmp", Encoding.ASCII.GetBytes(text), overwrite: true);
        }
        catch (Exception error) when (IsFileError(error))
        {
            // the next one who opens the store counts
        }
    }

    private (long Bytes, long Blocks)? ReadCount(StoreQuota quota)
    {
        if (quota.CountFile is not { } path || new FileInfo(path) is not { Exists: true, Length: < MaxCountFileLength })
        {
            return null;
        }

        string[] lines = File.ReadAllText(path).Split('\n');
        if (lines is not [CountFileHead, var counts, var times, ""] || times != FolderTimes())
        {
            return null;
        }

        return counts.Split(' ') is [var bytesText, var blocksText]
            && long.TryParse(bytesText, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes)
            && long.TryParse(blocksText, NumberStyles.None, CultureInfo.InvariantCulture, out long blocks)
            ? (bytes, blocks)
            : null;
    }

    // a folder has another time once a file in it came, went or was replaced
    private string FolderTimes()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string folder in _layout.Folders().Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture, $"{System.IO.Path.GetFileName(folder)} {Directory.GetLastWriteTimeUtc(folder).Ticks}\n")));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private List<TimedBlock> ListTimed(string folder)
    {
        try
        {
            List<TimedBlock> blocks = [];
            foreach (FileInfo file in new DirectoryInfo(folder).EnumerateFiles())
            {
                if (_layout.TryGetHash(file.FullName, out Multihash hash) && TryGetLength(file, out long length))
                {
                    blocks.Add(new TimedBlock(hash, length, file.LastWriteTimeUtc));
                }
            }

            return blocks;
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception error) when (IsFileError(error))
        {
            throw StoreErrors.Failed($"The folder '{folder}' of the block store cannot be listed", Path, error);
        }
    }
}
