using Bitswap.Dag.Abstractions;
using Bitswap.Errors;

namespace Bitswap.Files;

/// <summary>Makes faults of what an import throws. The ids are those of graphs in general; what to do is not, since here the files are the user's.</summary>
internal static class ImportFaults
{
    /// <summary>Runs a step of an import.</summary>
    /// <exception cref="FaultException">What the import threw.</exception>
    public static T Guard<T>(Func<T> step)
    {
        try
        {
            return step();
        }
        catch (DagException error)
        {
            throw new FaultException(Of(error));
        }
        catch (ArgumentOutOfRangeException error)
        {
            throw new FaultException(Faults.InvalidOption(error.ParamName ?? "", error.Message));
        }
    }

    /// <summary>The fault of one error of an import.</summary>
    public static Fault Of(DagException error) => new(error.ErrorId, error.Message, RemedyOf(error.ErrorId), error.Path, error);

    private static string RemedyOf(string errorId) => errorId switch
    {
        DagErrorIds.PathNotFound => "Check the path; -LiteralPath takes it as it is written.",
        DagErrorIds.FileChanged => "Add it again once nothing writes to it.",
        DagErrorIds.FileUnreadable => "Check that it exists and may be read, or leave it out.",
        DagErrorIds.NotAFile => "Leave it out: there is nothing to add. Of a folder, the rest is added.",
        DagErrorIds.UnsafeName => "Give it another name.",
        DagErrorIds.DuplicateName => "Add them one by one, or give them different names.",
        DagErrorIds.BlockTooLarge => "Let directories be sharded: leave out -ShardingRule.",
        DagErrorIds.DagLimitExceeded => "Keep symbolic links as links, or add the folders within one by one.",
        DagErrorIds.InvalidChunker => "Give -ChunkSize, or a -Chunker such as size-1048576, rabin-262144 or buzhash.",
        _ => "Leave out one of the parameters that the message names.",
    };
}
