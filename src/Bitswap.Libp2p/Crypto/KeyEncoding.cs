using System.Buffers;
using Bitswap.Libp2p.Errors;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Libp2p.Crypto;

/// <summary>
/// Encodes the messages PublicKey and PrivateKey of the libp2p specs (peer-ids): field 1 the type, field 2 the data. The specs allow one encoding
/// of each, minimal, in order, complete and with nothing else, since the identity is a hash of it; so this takes no other.
/// </summary>
/// <remarks>Written by hand because a generated parser accepts other encodings and leaves copies of secrets behind that nothing clears.</remarks>
internal static class KeyEncoding
{
    /// <summary>The longest data that is looked at, in bytes: an RSA key of 8192 bits takes 1062.</summary>
    public const int MaxDataLength = 2048;

    private const byte TypeTag = (1 << 3) | 0;
    private const byte DataTag = (2 << 3) | 2;
    private const int HeaderLength = 3;

    public static byte[] Encode(KeyType type, ReadOnlySpan<byte> data)
    {
        int lengthLength = Varint.Length((ulong)data.Length);
        byte[] encoded = new byte[HeaderLength + lengthLength + data.Length];
        encoded[0] = TypeTag;
        encoded[1] = (byte)type;
        encoded[2] = DataTag;
        Varint.Write(encoded.AsSpan(HeaderLength), (ulong)data.Length);
        data.CopyTo(encoded.AsSpan(HeaderLength + lengthLength));
        return encoded;
    }

    /// <summary>Takes a message apart without copying.</summary>
    /// <exception cref="Libp2pException">InvalidKey.</exception>
    public static ReadOnlySpan<byte> Decode(ReadOnlySpan<byte> encoded, out KeyType type)
    {
        if (encoded.Length < HeaderLength + 1 || encoded[0] != TypeTag || encoded[2] != DataTag)
        {
            throw Invalid("it is not a type followed by data");
        }

        if (encoded[1] > (byte)KeyType.Ecdsa)
        {
            throw Invalid($"its type {encoded[1]} is unknown");
        }

        if (Varint.TryRead(encoded[HeaderLength..], out ulong length, out int consumed) != OperationStatus.Done)
        {
            throw Invalid("its data has no valid length");
        }

        ReadOnlySpan<byte> data = encoded[(HeaderLength + consumed)..];
        if (length > MaxDataLength || length != (ulong)data.Length)
        {
            throw Invalid($"it declares {length} bytes of data and has {data.Length}, of at most {MaxDataLength}");
        }

        type = (KeyType)encoded[1];
        return data;
    }

    public static Libp2pException Invalid(string reason, Exception? cause = null) =>
        new(Libp2pErrorIds.InvalidKey, $"The bytes are no valid key: {reason}.", cause);
}
