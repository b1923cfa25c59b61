using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.FileSystem;
using Bitswap.Dag.UnixFs.Read;

namespace Bitswap.Dag.UnixFs.Save;

/// <summary>Walks a tree without the content of its files, before any of it is saved: says what cannot be saved, and what the rest takes.</summary>
internal sealed class SaveCheck(SaveSource source, SaveRules rules, SaveProgress progress)
{
    /// <summary>Walks all of it.</summary>
    /// <exception cref="DagException">DagLimitExceeded; a block is malformed or no file's.</exception>
    public async Task<SavePlan> RunAsync(Cid cid, CancellationToken cancellationToken)
    {
        WalkContext context = new(source.Limits) { Recurse = true, TakesName = rules.TakesName };
        await using ReadAhead ahead = new(new EntryItem(context, cid), source.FetchAsync, source.Limits, cancellationToken);
        long bytes = 0;
        long there = 0;
        while (await ahead.NextAsync().ConfigureAwait(false) is { } item)
        {
            if (item is EntryItem entry && rules.Takes(entry.Entry) && entry.Entry is { Type: UnixFsEntryType.File, Size: { } size })
            {
                context.CountBytes(size, entry.Cid);
                progress.Begin(entry.RelativePath);
                bytes += size;
                there += LengthThere(entry.RelativePath, size);
            }
        }

        return new SavePlan(bytes, bytes - there);
    }

    private long LengthThere(string relative, long size)
    {
        if (source.Target is { } target && FileFacts.Read(DiskBlocks.PathOf(target, relative), follow: false) is { Kind: FileKind.File } same && same.Length == size)
        {
            return size;
        }

        return source.Begun is { } begun && FileFacts.Read(DiskBlocks.PathOf(begun, relative), follow: false) is { Kind: FileKind.File } part
            ? Math.Min(part.Length, size)
            : 0;
    }
}

/// <summary>Represents what a tree takes of a disk, as its blocks say.</summary>
/// <param name="Bytes">Bytes of all files.</param>
/// <param name="Missing">Of these, the bytes that are not on the disk already, as far as lengths tell.</param>
internal readonly record struct SavePlan(long Bytes, long Missing);
