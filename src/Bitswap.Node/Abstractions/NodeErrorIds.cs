namespace Bitswap;

/// <summary>The ids of the node's own errors; <see cref="BitswapException.ErrorId"/> is one of these or of the libp2p host's.</summary>
internal static class NodeErrorIds
{
    /// <summary>A block that is asked of the store alone is not there.</summary>
    public const string BlockNotFound = nameof(BlockNotFound);

    /// <summary>A block is larger than may be.</summary>
    public const string BlockTooLarge = nameof(BlockTooLarge);

    /// <summary>Every source that could be asked has said that it does not have the block.</summary>
    public const string BlockUnavailable = nameof(BlockUnavailable);

    /// <summary>A block of a graph that is to be pinned is missing or cannot be read.</summary>
    public const string DagIncomplete = nameof(DagIncomplete);

    /// <summary>The local network cannot be searched for peers.</summary>
    public const string DiscoveryFailed = nameof(DiscoveryFailed);

    /// <summary>The store belongs to another program.</summary>
    public const string ForeignStore = nameof(ForeignStore);

    /// <summary>A repository has another identity than the one asked for.</summary>
    public const string IdentityMismatch = nameof(IdentityMismatch);

    /// <summary>The data does not hash to the CID.</summary>
    public const string InvalidBlock = nameof(InvalidBlock);

    /// <summary>An address cannot be that of a gateway.</summary>
    public const string InvalidGateway = nameof(InvalidGateway);

    /// <summary>The file of a key holds none.</summary>
    public const string InvalidKey = nameof(InvalidKey);

    /// <summary>A text cannot be the name of a key.</summary>
    public const string InvalidKeyName = nameof(InvalidKeyName);

    /// <summary>A text is neither an IPNS name nor a domain.</summary>
    public const string InvalidName = nameof(InvalidName);

    /// <summary>The record of a name is not one that its key signed, or cannot be read.</summary>
    public const string InvalidNameRecord = nameof(InvalidNameRecord);

    /// <summary>A folder is no repository, or its files are damaged.</summary>
    public const string InvalidRepository = nameof(InvalidRepository);

    /// <summary>An address cannot be that of a router.</summary>
    public const string InvalidRouter = nameof(InvalidRouter);

    /// <summary>The answer of a router cannot be read.</summary>
    public const string InvalidRouterAnswer = nameof(InvalidRouterAnswer);

    /// <summary>A store of the user's own cannot be called from other threads.</summary>
    public const string InvalidStore = nameof(InvalidStore);

    /// <summary>A line is not one of a trace.</summary>
    public const string InvalidTrace = nameof(InvalidTrace);

    /// <summary>There is a key of that name, or the key has another name.</summary>
    public const string KeyExists = nameof(KeyExists);

    /// <summary>There is no key of that name.</summary>
    public const string KeyNotFound = nameof(KeyNotFound);

    /// <summary>There are as many of something as may be.</summary>
    public const string LimitExceeded = nameof(LimitExceeded);

    /// <summary>A log cannot be written.</summary>
    public const string LogFailed = nameof(LogFailed);

    /// <summary>A name leads to no record, or to none that is valid.</summary>
    public const string NameNotFound = nameof(NameNotFound);

    /// <summary>No router or DHT peer took the record of a name.</summary>
    public const string NameNotPublished = nameof(NameNotPublished);

    /// <summary>A name leads through more names than may be.</summary>
    public const string NameRecursion = nameof(NameRecursion);

    /// <summary>The node has no source to ask about a name, or may not ask it; or no place to publish it to.</summary>
    public const string NoNameSource = nameof(NoNameSource);

    /// <summary>The node has stopped.</summary>
    public const string NodeStopped = nameof(NodeStopped);

    /// <summary>A peer is not on the network in memory.</summary>
    public const string NotOnNetwork = nameof(NotOnNetwork);

    /// <summary>Another node on the network in memory has the identity.</summary>
    public const string PeerIdInUse = nameof(PeerIdInUse);

    /// <summary>A peer cannot be reached, or is not connected.</summary>
    public const string PeerUnreachable = nameof(PeerUnreachable);

    /// <summary>The blocks that a pin keeps cannot be known, since one of them is missing.</summary>
    public const string PinIncomplete = nameof(PinIncomplete);

    /// <summary>A peer speaks none of the protocols.</summary>
    public const string ProtocolNotSupported = nameof(ProtocolNotSupported);

    /// <summary>A router answered with an error, or leads where it must not.</summary>
    public const string RouterRefused = nameof(RouterRefused);

    /// <summary>A router or the DHT cannot be asked.</summary>
    public const string RouterUnreachable = nameof(RouterUnreachable);

    /// <summary>A stored block does not hash to its CID.</summary>
    public const string StoreCorrupt = nameof(StoreCorrupt);

    /// <summary>The store could not do its work.</summary>
    public const string StoreFailed = nameof(StoreFailed);

    /// <summary>The store has no room left.</summary>
    public const string StoreFull = nameof(StoreFull);

    /// <summary>Another node has the repository.</summary>
    public const string StoreLocked = nameof(StoreLocked);

    /// <summary>A stream broke.</summary>
    public const string StreamReset = nameof(StreamReset);

    /// <summary>The time is over.</summary>
    public const string Timeout = nameof(Timeout);

    /// <summary>The node has as many pins as it may.</summary>
    public const string TooManyPins = nameof(TooManyPins);

    /// <summary>The node has as many wants as it may.</summary>
    public const string TooManyWants = nameof(TooManyWants);

    /// <summary>A trace cannot be written.</summary>
    public const string TraceFailed = nameof(TraceFailed);

    /// <summary>Every user may change a repository, or a link is in the place of one of its files.</summary>
    public const string UnsafeRepository = nameof(UnsafeRepository);

    /// <summary>A want was cancelled.</summary>
    public const string WantCancelled = nameof(WantCancelled);
}
