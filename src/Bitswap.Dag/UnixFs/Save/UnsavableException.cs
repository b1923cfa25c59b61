using Bitswap.Dag.Abstractions;

namespace Bitswap.Dag.UnixFs.Save;

/// <summary>A tree with entries that cannot be saved. It names all of them, and has the id of the worst.</summary>
public sealed class UnsavableException : DagException
{
    private const int Shown = 20;

    /// <summary>Makes the error.</summary>
    /// <param name="entries">The entries, one at least.</param>
    /// <param name="count">How many there are, where not all are kept.</param>
    internal UnsavableException(IReadOnlyList<UnsavableEntry> entries, long count)
        : base(Worst(entries), Describe(entries, count))
    {
        Entries = entries;
        Count = count;
        Cid = entries[0].Cid;
    }

    /// <summary>The entries, the first 1000 of them at most.</summary>
    public IReadOnlyList<UnsavableEntry> Entries { get; }

    /// <summary>How many there are.</summary>
    public long Count { get; }

    private static string Worst(IReadOnlyList<UnsavableEntry> entries)
    {
        string[] order = [DagErrorIds.UnsafeName, ReadErrorIds.UnsafeLink, DagErrorIds.UnsupportedCodec];
        return entries.MinBy(entry => Array.IndexOf(order, entry.ErrorId))!.ErrorId;
    }

    private static string Describe(IReadOnlyList<UnsavableEntry> entries, long count)
    {
        if (count == 1)
        {
            return entries[0].Message;
        }

        string more = count > Shown ? $"\n  and {count - Shown} more" : "";
        return $"{count} entries cannot be saved:\n  {string.Join("\n  ", entries.Take(Shown).Select(entry => entry.Message))}{more}";
    }
}
