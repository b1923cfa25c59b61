using System.Collections.ObjectModel;

namespace Bitswap.Protocol.Messages;

/// <summary>Specifies the forms of the Bitswap protocol, oldest first. Later ones compare greater.</summary>
public enum BitswapVersion
{
    /// <summary><c>/ipfs/bitswap</c>, before versions were named. Its messages have the form of 1.0.0.</summary>
    Unversioned = 0,

    /// <summary><c>/ipfs/bitswap/1.0.0</c>: blocks are bare CIDv0 data.</summary>
    V100 = 1,

    /// <summary><c>/ipfs/bitswap/1.1.0</c>: blocks come with the prefix of their CID.</summary>
    V110 = 2,

    /// <summary><c>/ipfs/bitswap/1.2.0</c>: WANT_HAVE, HAVE, DONT_HAVE and pending bytes.</summary>
    V120 = 3,
}

/// <summary>The libp2p protocol ids of Bitswap (Bitswap specification, "Wire Format").</summary>
public static class BitswapProtocolIds
{
    /// <summary><c>/ipfs/bitswap/1.2.0</c>.</summary>
    public const string V120 = "/ipfs/bitswap/1.2.0";

    /// <summary><c>/ipfs/bitswap/1.1.0</c>.</summary>
    public const string V110 = "/ipfs/bitswap/1.1.0";

    /// <summary><c>/ipfs/bitswap/1.0.0</c>.</summary>
    public const string V100 = "/ipfs/bitswap/1.0.0";

    /// <summary><c>/ipfs/bitswap</c>: not in the specification, spoken by boxo.</summary>
    public const string Unversioned = "/ipfs/bitswap";

    /// <summary>Every id, newest first: the order in which they are offered.</summary>
    public static IReadOnlyList<string> All { get; } = new ReadOnlyCollection<string>([V120, V110, V100, Unversioned]);

    /// <summary>The version that a protocol id names.</summary>
    /// <param name="id">One of <see cref="All"/>, in its exact spelling.</param>
    /// <exception cref="ArgumentException"><paramref name="id"/> is no id of Bitswap.</exception>
    public static BitswapVersion FromId(string id) => TryFromId(id, out BitswapVersion version)
        ? version
        : throw new ArgumentException($"'{id}' is no Bitswap protocol id; these are: {string.Join(", ", All)}.", nameof(id));

    /// <summary>The version that a protocol id names, or false for an id that is not of Bitswap.</summary>
    public static bool TryFromId(string? id, out BitswapVersion version)
    {
        (version, bool known) = id switch
        {
            V120 => (BitswapVersion.V120, true),
            V110 => (BitswapVersion.V110, true),
            V100 => (BitswapVersion.V100, true),
            Unversioned => (BitswapVersion.Unversioned, true),
            _ => (default, false),
        };
        return known;
    }

    /// <summary>The protocol id of a version.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="version"/> is not a defined one.</exception>
    public static string ToId(BitswapVersion version) => version switch
    {
        BitswapVersion.V120 => V120,
        BitswapVersion.V110 => V110,
        BitswapVersion.V100 => V100,
        BitswapVersion.Unversioned => Unversioned,
        _ => throw new ArgumentOutOfRangeException(nameof(version), version, "Not a Bitswap version."),
    };
}
