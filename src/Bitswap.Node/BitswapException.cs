namespace Bitswap;

/// <summary>An error of this module: what happened in the message, a stable id to act on, and what to do about it.</summary>
public class BitswapException : Exception
{
    /// <summary>Makes an error.</summary>
    /// <param name="errorId">The stable id, a word such as <c>StoreCorrupt</c>.</param>
    /// <param name="message">What happened, with the values it happened to.</param>
    /// <param name="remedy">What the reader can do about it.</param>
    /// <param name="target">What it happened to: a CID, an address, a path.</param>
    /// <param name="innerException">What caused it.</param>
    public BitswapException(string errorId, string message, string remedy, object? target = null, Exception? innerException = null)
        : base(message, innerException)
    {
        ArgumentException.ThrowIfNullOrEmpty(errorId);
        ArgumentNullException.ThrowIfNull(remedy);
        ErrorId = errorId;
        Remedy = remedy;
        Subject = target;
    }

    /// <summary>The stable id of the error, the same in every version and language.</summary>
    public string ErrorId { get; }

    /// <summary>What to do about it.</summary>
    public string Remedy { get; }

    /// <summary>What the error is about, or null. A CID, a peer id and an address are text, which serializers keep.</summary>
    public object? Target => Subject is Cid or PeerId or Multiaddr ? Subject.ToString() : Subject;

    /// <summary>What the error is about, as it was given.</summary>
    internal object? Subject { get; }
}
