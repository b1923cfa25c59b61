namespace Bitswap.Protocol.Wire;

/// <summary>A frame or message that cannot be read, or that is too large to be written. It costs the sender its stream.</summary>
public sealed class WireException : FormatException
{
    /// <summary><see cref="ErrorId"/> of bytes that are not a message: bad length prefix, bad protobuf, bad CID or CID prefix.</summary>
    public const string InvalidMessage = nameof(InvalidMessage);

    /// <summary><see cref="ErrorId"/> of a message, in or out, over <see cref="WireLimits.MaxMessageSize"/>.</summary>
    public const string MessageTooLarge = nameof(MessageTooLarge);

    /// <summary><see cref="ErrorId"/> of a message with more entries, presences or blocks than <see cref="WireLimits"/> allows.</summary>
    public const string LimitExceeded = nameof(LimitExceeded);

    internal WireException(string errorId, string message, Exception? inner = null)
        : base(message, inner)
    {
        ErrorId = errorId;
    }

    /// <summary>Which error: one of the constants of this class.</summary>
    public string ErrorId { get; }
}
