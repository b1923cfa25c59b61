namespace Bitswap.Libp2p.Errors;

/// <summary>An operation of the libp2p host failed. <see cref="ErrorId"/> tells how, in a form that does not change between versions.</summary>
public class Libp2pException : IOException
{
    /// <summary>Makes an error.</summary>
    /// <param name="errorId">One of <see cref="Libp2pErrorIds"/>.</param>
    /// <param name="message">What happened, for a person.</param>
    public Libp2pException(string errorId, string message)
        : this(errorId, message, null)
    {
    }

    /// <summary>Makes an error that another one caused.</summary>
    /// <param name="errorId">One of <see cref="Libp2pErrorIds"/>.</param>
    /// <param name="message">What happened, for a person.</param>
    /// <param name="innerException">The cause, or <see langword="null"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="errorId"/> is empty.</exception>
    public Libp2pException(string errorId, string message, Exception? innerException)
        : base(message, innerException)
    {
        ArgumentException.ThrowIfNullOrEmpty(errorId);
        ErrorId = errorId;
    }

    /// <summary>One of <see cref="Libp2pErrorIds"/>.</summary>
    public string ErrorId { get; }
}
