using Bitswap.Multiformats;

namespace Bitswap.Protocol.Wire;

/// <summary>Which hashes a received block's prefix may ask for.</summary>
internal static class HashRules
{
    private const ulong Sha256Length = 32;

    /// <summary>
    /// Hashes a block, or says false when <see cref="Multihash.IsAcceptable"/> does not take the function and length: asked before anything
    /// is computed. An identity digest has the length of its data, whatever the prefix says, as in boxo.
    /// </summary>
    public static bool TryCompute(ulong code, ulong digestLength, ReadOnlySpan<byte> data, out Multihash hash)
    {
        hash = default;
        if (code == MultihashCode.Sha256 && digestLength == Sha256Length)
        {
            hash = Multihash.Compute(code, data);
            return true;
        }

        ulong length = code == MultihashCode.Identity ? (ulong)data.Length : digestLength;
        if (length > (ulong)Multihash.MaxDigestLength)
        {
            return false;
        }

        ReadOnlySpan<byte> anyDigest = stackalloc byte[(int)length];
        if (!Multihash.IsAcceptable(Multihash.FromDigest(code, anyDigest), out _))
        {
            return false;
        }

        try
        {
            hash = Multihash.Compute(code, data, (int)length);
            return true;
        }
        catch (MultiformatException)
        {
            // A function that may name blocks but cannot be computed here: the block cannot be checked, so it is not taken.
            return false;
        }
    }
}
