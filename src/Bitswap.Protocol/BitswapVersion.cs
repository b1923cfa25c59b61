namespace Bitswap.Protocol;

/// <summary>The forms of the Bitswap protocol, oldest first. Later ones compare greater.</summary>
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
