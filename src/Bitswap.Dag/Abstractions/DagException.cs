namespace Bitswap.Dag.Abstractions;

/// <summary>A block, a graph of blocks or a CAR that cannot be read as what it should be.</summary>
public class DagException : FormatException
{
    /// <summary>Makes the error.</summary>
    /// <param name="errorId">One of <see cref="DagErrorIds"/>.</param>
    /// <param name="message">What is wrong, and where.</param>
    /// <param name="innerException">What brought it about, if that says more.</param>
    public DagException(string errorId, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        ArgumentException.ThrowIfNullOrEmpty(errorId);
        ErrorId = errorId;
    }

    /// <summary>A stable id a caller may switch on; one of <see cref="DagErrorIds"/>.</summary>
    public string ErrorId { get; }

    /// <summary>The block that the error is about, or null when it is about none.</summary>
    public Cid? Cid { get; init; }

    /// <summary>The file that the error is about, or null when it is about none.</summary>
    public string? Path { get; init; }
}
