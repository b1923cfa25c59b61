using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.Import.Abstractions;

namespace Bitswap.Dag.UnixFs.Import.Files;

/// <summary>The errors of entries that an import goes on without. One caller at a time.</summary>
internal sealed class SkippedEntries
{
    /// <summary>How many are told one by one; the others are counted.</summary>
    public const int MaxTold = 1000;

    private readonly List<DagException> _told = [];
    private long _others;

    public void Add(DagException error)
    {
        if (_told.Count < MaxTold)
        {
            _told.Add(error);
        }
        else
        {
            _others++;
        }
    }

    /// <summary>The errors, and one more for those that were only counted.</summary>
    public IReadOnlyList<DagException> Errors(string folder)
    {
        if (_told.Count == 0)
        {
            return [];
        }

        return _others == 0 ? _told : [.. _told, ImportErrors.OthersSkipped(folder, _others)];
    }
}
