using Bitswap.Dag.Abstractions;

namespace Bitswap.Dag.UnixFs.Save;

/// <summary>Represents a destination to which something cannot be saved.</summary>
public sealed class SaveException : IOException
{
    /// <summary>Makes the error.</summary>
    /// <param name="errorId">One of <see cref="ReadErrorIds"/>.</param>
    /// <param name="message">What is wrong.</param>
    /// <param name="path">The file or folder it is about.</param>
    /// <param name="innerException">What brought it about.</param>
    public SaveException(string errorId, string message, string path, Exception? innerException = null)
        : base(message, innerException)
    {
        ArgumentException.ThrowIfNullOrEmpty(errorId);
        ErrorId = errorId;
        Path = path;
    }

    /// <summary>Gets a stable id a caller may switch on; one of <see cref="ReadErrorIds"/>.</summary>
    public string ErrorId { get; }

    /// <summary>Gets the file or folder it is about.</summary>
    public string Path { get; }
}

/// <summary>Represents a tree with entries that cannot be saved. It names all of them, and has the id of the worst.</summary>
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

    /// <summary>Gets the entries, the first 1000 of them at most.</summary>
    public IReadOnlyList<UnsavableEntry> Entries { get; }

    /// <summary>Gets how many there are.</summary>
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

/// <summary>Represents an entry of a tree that is not saved, with all that is below it.</summary>
/// <param name="RelativePath">The names from what is saved down to it.</param>
/// <param name="Cid">The CID of its root block.</param>
/// <param name="ErrorId"><c>UnsafeName</c>, <c>UnsafeLink</c> or <c>UnsupportedCodec</c>.</param>
/// <param name="Message">What is wrong with it, fit to be shown.</param>
public sealed record UnsavableEntry(string RelativePath, Cid Cid, string ErrorId, string Message);
