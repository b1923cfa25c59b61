using Bitswap.Libp2p;
using Bitswap.Libp2p.Crypto;

namespace Bitswap.Node;

/// <summary>Gives options an identity, for who does not know keys.</summary>
public static class NodeIdentityOptions
{
    /// <summary>The options with a private key.</summary>
    /// <param name="options">The options to start from.</param>
    /// <param name="key">An Ed25519 private key in libp2p's own protobuf form.</param>
    /// <exception cref="FormatException">It is not such a key.</exception>
    public static NodeOptions WithPrivateKey(this NodeOptions options, ReadOnlySpan<byte> key)
    {
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            return options with { Identity = PrivateKey.Decode(key) };
        }
        catch (Libp2pException failure)
        {
            throw new FormatException(failure.Message, failure);
        }
    }

    /// <summary>The options with the key that a seed makes.</summary>
    /// <param name="options">The options to start from.</param>
    /// <param name="seed">32 bytes; who knows them has the key.</param>
    /// <exception cref="FormatException">Not 32 bytes.</exception>
    public static NodeOptions WithIdentitySeed(this NodeOptions options, ReadOnlySpan<byte> seed)
    {
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            return options with { Identity = PrivateKey.FromSeed(seed) };
        }
        catch (Libp2pException failure)
        {
            throw new FormatException(failure.Message, failure);
        }
    }
}
