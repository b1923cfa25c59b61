namespace Bitswap;

/// <summary>
/// Gives the binary forms of the value types without a copy. They are not members of the types: PowerShell and serializers read all properties that an object has, and
/// cannot read a span.
/// </summary>
public static class BinaryForms
{
    extension(Cid cid)
    {
        /// <summary>Gets the binary form.</summary>
        public ReadOnlySpan<byte> Bytes => cid.AsSpan();
    }

    extension(PeerId peer)
    {
        /// <summary>Gets the binary form: the bytes of the multihash.</summary>
        public ReadOnlySpan<byte> Bytes => peer.Hash.AsSpan();
    }

    extension(Multiaddr address)
    {
        /// <summary>Gets the binary form.</summary>
        public ReadOnlySpan<byte> Bytes => address.AsSpan();
    }

    extension(Multihash hash)
    {
        /// <summary>Gets code, length and digest; empty of a default value.</summary>
        public ReadOnlySpan<byte> Bytes => hash.AsSpan();

        /// <summary>Gets the digest alone; empty of a default value.</summary>
        public ReadOnlySpan<byte> Digest => hash.DigestSpan();
    }
}
