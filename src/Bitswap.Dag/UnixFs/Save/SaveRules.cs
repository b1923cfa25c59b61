using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.Read;

namespace Bitswap.Dag.UnixFs.Save;

/// <summary>
/// Says which entries of a tree can be saved, and keeps those that cannot. Every walk over the tree has rules of its own, which say the same of the same
/// entries.
/// </summary>
internal sealed class SaveRules(SaveOptions options, bool ignoreCase)
{
    /// <summary>How many entries are kept; the others are counted.</summary>
    public const int MaxKept = 1000;

    private readonly List<HashSet<string>> _names = [];
    private readonly List<UnsavableEntry> _refused = [];
    private int _refusedDepth = int.MaxValue;

    /// <summary>Gets how many entries cannot be saved; what is below them is not counted.</summary>
    public long Count { get; private set; }

    /// <summary>Gets the first of them.</summary>
    public IReadOnlyList<UnsavableEntry> Refused => _refused;

    /// <summary>Returns whether an entry may have its name. Asked before its block is asked for.</summary>
    public bool TakesName(string name, string path, Cid cid)
    {
        if (SafeName.Refuse(name, options.Names) is not { } reason)
        {
            return true;
        }

        Refuse(path, cid, DagErrorIds.UnsafeName, $", because of its name: {reason}");
        return false;
    }

    /// <summary>Returns whether an entry can be saved. Asked in the order of the tree; below a directory that cannot be saved, nothing can.</summary>
    public bool Takes(UnixFsEntry entry)
    {
        if (entry.Depth > _refusedDepth)
        {
            return false;
        }

        _refusedDepth = int.MaxValue;
        if (TakesKind(entry) && TakesBesideOthers(entry))
        {
            return true;
        }

        if (entry.Type == UnixFsEntryType.Directory)
        {
            _refusedDepth = entry.Depth;
        }

        return false;
    }

    /// <summary>Returns the error that names what cannot be saved.</summary>
    public UnsavableException Error() => new(_refused, Count);

    private bool TakesKind(UnixFsEntry entry)
    {
        if (entry.Type == UnixFsEntryType.Other)
        {
            Refuse(entry.RelativePath, entry.Cid, DagErrorIds.UnsupportedCodec, $": it is a block of {entry.Cid.CodecName}, which is no file");
            return false;
        }

        if (entry.Type == UnixFsEntryType.Symlink && SafeName.RefuseTarget(entry.Target!, Math.Max(0, entry.Depth - 1), options.Names) is { } reason)
        {
            Refuse(entry.RelativePath, entry.Cid, ReadErrorIds.UnsafeLink, $", a symlink to '{Printable.Of(entry.Target!)}': {reason}");
            return false;
        }

        return true;
    }

    private bool TakesBesideOthers(UnixFsEntry entry)
    {
        // the walk is depth first: what was remembered of deeper folders is of other folders
        _names.RemoveRange(Math.Min(entry.Depth, _names.Count), Math.Max(0, _names.Count - entry.Depth));
        string name = ignoreCase ? entry.Name.Normalize() : entry.Name;
        if (entry.Depth > 0 && !_names[entry.Depth - 1].Add(name))
        {
            string why = ignoreCase ? "it differs from another name in the folder only in case, which is one name at the destination" : "it is there twice in the folder";
            Refuse(entry.RelativePath, entry.Cid, DagErrorIds.UnsafeName, $", because of its name: {why}");
            return false;
        }

        if (entry.Type == UnixFsEntryType.Directory)
        {
            _names.Add(new HashSet<string>(ignoreCase ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal));
        }

        return true;
    }

    private void Refuse(string path, Cid cid, string errorId, string why)
    {
        Count++;
        if (_refused.Count < MaxKept)
        {
            string what = path.Length == 0 ? cid.ToString() : $"'{Printable.Of(path)}'";
            _refused.Add(new UnsavableEntry(path, cid, errorId, $"{what} cannot be saved{why}."));
        }
    }
}
