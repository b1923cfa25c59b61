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
        DagErrorIds.PathNotFound => "Check the path. -LiteralPath uses it exactly as you type it.",
        DagErrorIds.FileChanged => "Add the file again when no program writes to it.",
        DagErrorIds.FileUnreadable => "Check that it exists and that you can read it, or leave it out.",
        DagErrorIds.NotAFile => "Leave it out: it has no content to add. The other entries of a folder are added.",
        DagErrorIds.UnsafeName => "Rename it.",
        DagErrorIds.DuplicateName => "Add the files one by one, or rename one of them.",
        DagErrorIds.BlockTooLarge => "Omit -ShardingRule, so that large directories are sharded.",
        DagErrorIds.DagLimitExceeded => "Use -Symlink Keep, or add the subfolders one by one.",
        DagErrorIds.InvalidChunker => "Use -ChunkSize, or a -Chunker such as size-1048576, rabin-262144 or buzhash.",
        _ => "Omit one of the parameters that the message names.",
    };
}
