using Bitswap.Dag.Abstractions;

namespace Bitswap.Dag.UnixFs.Save;

/// <summary>A destination to which something cannot be saved.</summary>
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

    /// <summary>A stable id a caller may switch on; one of <see cref="ReadErrorIds"/>.</summary>
    public string ErrorId { get; }

    /// <summary>The file or folder it is about.</summary>
    public string Path { get; }
}
