using System.Net;

namespace Bitswap.Libp2p.Addresses;

/// <summary>On what terms a peer is dialled at addresses that a stranger gave.</summary>
/// <param name="Source">How far the address of the source reaches; of several sources that of the farthest.</param>
/// <param name="Rule">Which addresses such a source may give. Its literal addresses are checked when they are taken in, and what its names stand for when they are dialled.</param>
/// <param name="MaxAttempts">How many addresses are tried, names counted as what they stand for; 1 or more.</param>
public sealed record DialTerms(AddressReach Source, DialRule Rule, int MaxAttempts)
{
    /// <summary>How many addresses of one peer are tried by default.</summary>
    public const int DefaultAttempts = 8;

    /// <summary>Whether what a name stands for may be dialled.</summary>
    public bool Admits(string host, IPAddress found) => Rule.Admits(host, found, Source);
}
