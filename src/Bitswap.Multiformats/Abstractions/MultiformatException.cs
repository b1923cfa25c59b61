namespace Bitswap.Multiformats.Abstractions;

/// <summary>Represents a text or bytes that are no valid varint, multibase, multihash, CID, multiaddr or peer id.</summary>
public class MultiformatException : FormatException
{
    /// <summary>Error id: not a minimal unsigned varint of at most nine bytes.</summary>
    public const string InvalidVarint = nameof(InvalidVarint);

    /// <summary>Error id: not a text of the multibase that its first character names.</summary>
    public const string InvalidMultibase = nameof(InvalidMultibase);

    /// <summary>Error id: not a multihash, or a digest length its function does not have.</summary>
    public const string InvalidMultihash = nameof(InvalidMultihash);

    /// <summary>Error id: not a CID.</summary>
    public const string InvalidCid = nameof(InvalidCid);

    /// <summary>Error id: not a multiaddr, or one of a protocol that is not known here.</summary>
    public const string InvalidMultiaddr = nameof(InvalidMultiaddr);

    /// <summary>Error id: not a libp2p peer id, or not an encoded public key one could be made of.</summary>
    public const string InvalidPeerId = nameof(InvalidPeerId);

    /// <summary>Error id: a hash function that cannot be computed here.</summary>
    public const string UnsupportedHash = nameof(UnsupportedHash);

    /// <summary>Error id: an IPNS name, which stands for a CID that changes, in the place of a CID.</summary>
    public const string UnsupportedName = nameof(UnsupportedName);

    /// <summary>Makes the error.</summary>
    /// <param name="errorId">One of the ids that this class names.</param>
    /// <param name="message">What is wrong, and where.</param>
    public MultiformatException(string errorId, string message)
        : base(message)
    {
        ArgumentException.ThrowIfNullOrEmpty(errorId);
        ErrorId = errorId;
    }

    /// <summary>Gets a stable id a caller may switch on; one of the constants of this class.</summary>
    public string ErrorId { get; }
}
