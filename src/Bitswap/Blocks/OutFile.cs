using Bitswap.Dag.UnixFs.FileSystem;
using Bitswap.Errors;

namespace Bitswap.Blocks;

/// <summary>Writes a block to a file that is there whole or not at all.</summary>
internal static class OutFile
{
    /// <summary>Writes a file, or to a pipe or device that is there.</summary>
    /// <exception cref="FaultException">OutFileFailed.</exception>
    public static async Task WriteAsync(string path, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        try
        {
            await WholeFile.WriteAsync(path, replace: true, 0, file => file.WriteAsync(data, cancellationToken).AsTask(), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new FaultException(Faults.OutFileFailed(path, cause));
        }
    }
}
