namespace Bitswap.Libp2p.Abstractions;

/// <summary>Specifies what secures a connection.</summary>
public enum SecurityProtocol
{
    /// <summary>Noise, <c>/noise</c>.</summary>
    Noise,

    /// <summary>TLS 1.3, <c>/tls/1.0.0</c>.</summary>
    Tls,
}

/// <summary>Represents the limits that the other side of a Noise connection is held to.</summary>
public sealed record NoiseOptions
{
    private int _maxHandshakePayload = 8 * 1024;
    private int _maxEmptyMessages = 32;

    /// <summary>Gets the limits used where none are given.</summary>
    public static NoiseOptions Default { get; } = new();

    /// <summary>
    /// Gets the largest payload accepted in a handshake message, in bytes, 256..65000. The default of 8 KiB has room for an 8192-bit RSA key, its
    /// signature and the extensions; an Ed25519 identity needs about 130 bytes.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int MaxHandshakePayload
    {
        get => _maxHandshakePayload;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 256);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 65000);
            _maxHandshakePayload = value;
        }
    }

    /// <summary>
    /// Gets how many messages without a plaintext may follow one another, 0..65536. They are legal and say nothing, so few are needed. The default is 32.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int MaxEmptyMessages
    {
        get => _maxEmptyMessages;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 65536);
            _maxEmptyMessages = value;
        }
    }
}

/// <summary>Represents the limits that the other side of a protocol negotiation is held to.</summary>
public sealed record MultistreamOptions
{
    private int _maxProposals = 64;

    /// <summary>Gets the limits used where none are given.</summary>
    public static MultistreamOptions Default { get; } = new();

    /// <summary>Gets how many messages a dialer may send, listings included, until one names a protocol spoken here: 1..4096. The default is 64.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int MaxProposals
    {
        get => _maxProposals;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 4096);
            _maxProposals = value;
        }
    }
}
