using Bitswap.Errors;

namespace Bitswap.Blocks;

/// <summary>Writes a block to a file that is there whole or not at all.</summary>
internal static class OutFile
{
    /// <summary>Writes beside the file, then renames.</summary>
    /// <exception cref="FaultException">OutFileFailed.</exception>
    public static async Task WriteAsync(string path, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        string folder = Path.GetDirectoryName(path) ?? path;
        string temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.part");
        try
        {
            FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0, Options = FileOptions.Asynchronous };
            await using (FileStream file = new(temporary, options))
            {
                await file.WriteAsync(data, cancellationToken).ConfigureAwait(false);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception cause)
        {
            if (File.Exists(temporary))
            {
                File.Delete(temporary);
            }

            if (cause is IOException or UnauthorizedAccessException)
            {
                throw new FaultException(Faults.OutFileFailed(path, cause));
            }

            throw;
        }
    }
}
