namespace Bitswap.Node.Peers;

/// <summary>The options that all links of a node share.</summary>
internal sealed record LinkOptions
{
    public required IReadOnlyList<string> Protocols { get; init; }

    public required TimeProvider Clock { get; init; }

    /// <summary>Bounds the memory of large messages.</summary>
    public required FrameRoom Room { get; init; }

    /// <summary>Gets where peers can be dialled again.</summary>
    public required AddressBook Addresses { get; init; }

    /// <summary>Gets the user's filter; null lets every peer have everything.</summary>
    public AccessGate? Access { get; init; }

    /// <summary>Gets how fast peers may ask.</summary>
    public required EntryRate EntryRate { get; init; }

    /// <summary>Entries, blocks and presences of a message that are read and dealt with together; the rest of a longer one follows when the peer has its next turn.</summary>
    public int MaxPartElements { get; init; } = 256;

    /// <summary>Gets how long an outbound stream is kept without a message; well under the 10 s after which Helia ends it.</summary>
    public TimeSpan IdleStreamTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets how often a message is tried (boxo: 3).</summary>
    public int SendAttempts { get; init; } = 3;

    /// <summary>Gets the pause between tries (boxo: 100 ms).</summary>
    public TimeSpan SendBackOff { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Gets how often the engine hears of a message that is still arriving.</summary>
    public TimeSpan ActivityInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets how many messages may wait for one peer's stream; the engine keeps far fewer in flight.</summary>
    public int MaxQueuedMessages { get; init; } = 64;
}
