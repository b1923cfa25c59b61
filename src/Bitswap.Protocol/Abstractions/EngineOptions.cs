using System.Runtime.CompilerServices;
using Bitswap.Protocol.Client;

namespace Bitswap.Protocol.Abstractions;

/// <summary>The limits and habits of an engine. Each is refused at construction when out of range. Defaults are those of the network (boxo) unless said otherwise.</summary>
public sealed record EngineOptions
{
    private const int Mebi = 1024 * 1024;
    private static readonly TimeSpan _day = TimeSpan.FromDays(1);
    private static readonly TimeSpan _millisecond = TimeSpan.FromMilliseconds(1);

    /// <summary>The options of an engine that was told nothing else.</summary>
    public static EngineOptions Default { get; } = new();

    // --- Wants of our own ---

    /// <summary>Wants open at once; 1 to 16 777 216, 1 048 576 by default. One over it ends with <see cref="WantEndReason.TooManyWants"/>.</summary>
    public int MaxWants { get; init => field = InRange(value, 1, 16 * Mebi); } = Mebi;

    /// <summary>
    /// Wants that one peer is told of and has not answered, but for those it is silent to; 1 to 65 536, 1024 by default: what boxo keeps for a peer. A peer
    /// silently drops what is over its own limit, so the rest is held back.
    /// </summary>
    public int MaxOutstandingWants { get; init => field = InRange(value, 1, 65_536); } = 1024;

    /// <summary>
    /// Bytes asked of one peer and not yet received, reckoned from the mean size of its blocks; 64 KiB to 1 GiB, 32 MiB by default. Bounds what may
    /// be under way towards this node; eight blocks may always be.
    /// </summary>
    public int MaxRequestedBytes { get; init => field = InRange(value, 64 * 1024, 1024 * Mebi); } = 32 * Mebi;

    /// <summary>Bytes given to the store and not yet confirmed by it, above which nothing more is asked for; 64 KiB to 1 GiB, 64 MiB by default.</summary>
    public int MaxStoringBytes { get; init => field = InRange(value, 64 * 1024, 1024 * Mebi); } = 64 * Mebi;

    /// <summary>Entries of one outgoing wantlist; 1 to 1024, 512 by default (boxo flushes at 256).</summary>
    public int MaxWantMessageEntries { get; init => field = InRange(value, 1, 1024); } = 512;

    /// <summary>Wantlist messages handed out for one peer and not yet reported sent; 1 to 16, 2 by default. Meanwhile wants are collected.</summary>
    public int MaxWantMessagesInFlight { get; init => field = InRange(value, 1, 16); } = 2;

    /// <summary>Messages to a peer that may fail one after another before it is dropped; 1 to 100, 3 by default.</summary>
    public int MaxSendAttempts { get; init => field = InRange(value, 1, 100); } = 3;

    /// <summary>Wait before a peer is written to again after a message to it failed; 1 ms to a day, 100 ms by default.</summary>
    public TimeSpan SendRetryDelay { get; init => field = InRange(value, _millisecond, _day); } = TimeSpan.FromMilliseconds(100);

    /// <summary>A want that a peer denied is told it again after this time, and then after pauses that double up to <see cref="ResendInterval"/>; 1 ms to a day, 2 s by default.</summary>
    public TimeSpan DeniedRetryDelay { get; init => field = InRange(value, _millisecond, _day); } = TimeSpan.FromSeconds(2);

    /// <summary>A want that was not answered is told again after this time; 1 s to a day, 30 s by default.</summary>
    public TimeSpan ResendInterval { get; init => field = InRange(value, TimeSpan.FromSeconds(1), _day); } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Silence taken for DONT_HAVE before anything about the peer was measured; 1 ms to a day, 5 s by default. It moves a want on to the next peer, and ends
    /// none.
    /// </summary>
    public TimeSpan DontHaveTimeout { get; init => field = InRange(value, _millisecond, _day); } = TimeSpan.FromSeconds(5);

    /// <summary>Least silence taken for DONT_HAVE; 1 ms to a day, 50 ms by default.</summary>
    public TimeSpan MinDontHaveTimeout { get; init => field = InRange(value, _millisecond, _day); } = TimeSpan.FromMilliseconds(50);

    /// <summary>Most silence taken for DONT_HAVE; 1 ms to a day, 7 s by default.</summary>
    public TimeSpan MaxDontHaveTimeout { get; init => field = InRange(value, _millisecond, _day); } = TimeSpan.FromSeconds(7);

    /// <summary>True: a fail-fast want ends at once when no peer that may be asked is connected. False by default: one may be connecting.</summary>
    public bool FailFastWithoutPeers { get; init; }

    // --- Sessions ---

    /// <summary>Peers that a session asks directly; 1 to 256, 16 by default. The others are asked (WANT_HAVE) when none of these has a block.</summary>
    public int MaxSessionPeers { get; init => field = InRange(value, 1, 256); } = 16;

    /// <summary>A peer leaves the session after more than this many DONT_HAVE in a row; 1 to 65 536, 16 by default.</summary>
    public int SessionPruneAfter { get; init => field = InRange(value, 1, 65_536); } = 16;

    /// <summary>Wants of a session that may be under broadcast at once; 1 to 65 536, 64 by default.</summary>
    public int BroadcastWindow { get; init => field = InRange(value, 1, 65_536); } = 64;

    /// <summary>Sessions without an open want whose knowledge is kept; 0 to 65 536, 256 by default.</summary>
    public int MaxIdleSessions { get; init => field = InRange(value, 0, 65_536); } = 256;

    /// <summary>A session that heard nothing for this long is stuck for the first time; 1 ms to a day, 1 s by default.</summary>
    public TimeSpan SessionFirstTick { get; init => field = InRange(value, _millisecond, _day); } = TimeSpan.FromSeconds(1);

    /// <summary>Later ticks come after (this + 3 x mean latency) x (1 + ticks in a row); 1 ms to a day, 500 ms by default.</summary>
    public TimeSpan SessionTickBase { get; init => field = InRange(value, _millisecond, _day); } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// True: <see cref="FindProviders"/> is asked for when a session is stuck, when all have said no, and, with <see cref="FailFastWithoutPeers"/>, at once where
    /// no peer is connected. False by default: the host must be able to answer it.
    /// </summary>
    public bool ProviderSearch { get; init; }

    /// <summary>Provider searches open at once; 1 to 1024, 8 by default.</summary>
    public int MaxProviderSearches { get; init => field = InRange(value, 1, 1024); } = 8;

    /// <summary>A provider search that was not finished by then is over; 1 ms to a day, 10 s by default.</summary>
    public TimeSpan ProviderSearchTimeout { get; init => field = InRange(value, _millisecond, _day); } = TimeSpan.FromSeconds(10);

    // --- Lost peers ---

    /// <summary>Peers that were lost and can be dialled again that are remembered; 0, which is none, to 65 536, 256 by default. The oldest give way.</summary>
    public int MaxLostPeers { get; init => field = InRange(value, 0, 65_536); } = 256;

    /// <summary>Lost peers that are dialled at once; 1 to 1024, 8 by default.</summary>
    public int MaxRedials { get; init => field = InRange(value, 1, 1024); } = 8;

    /// <summary>The wait before a lost peer is dialled again, at the least; 1 ms to a day, 100 ms by default. It grows to a quarter of the time that the peer is missed.</summary>
    public TimeSpan RedialDelay { get; init => field = InRange(value, _millisecond, _day); } = TimeSpan.FromMilliseconds(100);

    /// <summary>The wait before a lost peer is dialled again, at the most; 1 ms to a day, one minute by default.</summary>
    public TimeSpan MaxRedialDelay { get; init => field = InRange(value, _millisecond, _day); } = TimeSpan.FromMinutes(1);

    // --- What comes in ---

    /// <summary>Multihashes of blocks received lately that are remembered to tell duplicates from unwanted blocks; 1 to 1 048 576, 16 384 by default.</summary>
    public int RecentBlocks { get; init => field = InRange(value, 1, Mebi); } = 16_384;

    /// <summary>
    /// Bytes of blocks that a peer was not asked for, less those that were wanted, after which it is dropped; 1 MiB to 2 GiB, 64 MiB by default.
    /// What it was asked for lately and is wanted no more does not count, see <see cref="MaxWithdrawnWants"/>.
    /// </summary>
    public long MaxUnwantedBytes { get; init => field = InRange(value, (long)Mebi, 2048L * Mebi); } = 64L * Mebi;

    /// <summary>
    /// Wants that one peer was told of and that are over which are remembered, the latest, so that their blocks do not count against the peer when they come all
    /// the same; 0 to 1 048 576, 4096 by default.
    /// </summary>
    public int MaxWithdrawnWants { get; init => field = InRange(value, 0, Mebi); } = 4096;

    // --- Store ---

    /// <summary>Requests to the store that each of local look-up, checks for peers and loads for peers may have open; 1 to 256, 8 by default.</summary>
    public int MaxStoreRequests { get; init => field = InRange(value, 1, 256); } = 8;

    /// <summary>CIDs of one <see cref="CheckBlocks"/>; 1 to 65 536, 1024 by default.</summary>
    public int MaxCheckedCids { get; init => field = InRange(value, 1, 65_536); } = 1024;

    // --- Serving ---

    /// <summary>True: nothing is served; a peer that asks for a DONT_HAVE gets one. False by default.</summary>
    public bool ClientOnly { get; init; }

    /// <summary>Whether a peer may have a block; one that may not is told that it is not here. Null, the default, lets everyone. Called on the engine's caller; must not throw or block.</summary>
    public Func<PeerId, Cid, bool>? PeerFilter { get; init; }

    /// <summary>
    /// Wants kept for one peer, besides those being read or sent; 1 to 1 048 576, 65 536 by default (boxo: 1024): some clients ask for thousands at once and never
    /// repeat what was dropped. See <see cref="BitswapEngine"/> on what gives way.
    /// </summary>
    public int MaxPeerWants { get; init => field = InRange(value, 1, Mebi); } = 65_536;

    /// <summary>
    /// Bytes that the wants of all peers may take, some 440 each; 4 KiB to 4 GiB, 32 MiB by default. When it is reached, a want of the peer gives way that has
    /// most.
    /// </summary>
    public long MaxPeerWantBytes { get; init => field = InRange(value, 4096L, 4096L * Mebi); } = 32L * Mebi;

    /// <summary>Bytes of a CID in a peer's wantlist; a longer one is ignored. 36 to 65 536, 168 by default.</summary>
    public int MaxCidLength { get; init => field = InRange(value, 36, 65_536); } = 168;

    /// <summary>
    /// A peer's want for a block that is not here is forgotten when it was not repeated for this long; 1 s to 30 days, one hour by default. Some
    /// peers (Helia) never send CANCEL; those that still want repeat it (boxo: each 30 s).
    /// </summary>
    public TimeSpan PeerWantExpiry { get; init => field = InRange(value, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30)); } = TimeSpan.FromHours(1);

    /// <summary>A reply is filled until it has this many bytes; 1 KiB to 2 MiB, 128 KiB by default (boxo: 16 KiB). A block that does not fit goes alone.</summary>
    public int ReplyTarget { get; init => field = InRange(value, 1024, 2 * Mebi); } = 128 * 1024;

    /// <summary>Bytes of blocks read or being sent for one peer; 64 KiB to 256 MiB, 2 MiB by default (boxo: 1 MiB), so that a line never idles between blocks of 1 MiB. What is under way for a greedy peer is what others wait behind.</summary>
    public int MaxOutstandingReplyBytes { get; init => field = InRange(value, 64 * 1024, 256 * Mebi); } = 2 * Mebi;

    /// <summary>WANT_HAVE is answered with the block when it has at most this many bytes; 0 to 2 MiB, 1024 by default.</summary>
    public int HaveToBlockSize { get; init => field = InRange(value, 0, 2 * Mebi); } = 1024;

    /// <summary>A peer with work that waited this long goes before others; 1 ms to a day, 10 s by default.</summary>
    public TimeSpan StarvationLimit { get; init => field = InRange(value, _millisecond, _day); } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes of blocks sent a second to all peers together; 1 KiB and up, or 0, the default, for no limit.</summary>
    public long UploadRate { get; init => field = value == 0 ? 0 : InRange(value, 1024L, long.MaxValue); }

    /// <summary>Bytes of blocks sent a second to one peer; 1 KiB and up, or 0, the default, for no limit.</summary>
    public long PeerUploadRate { get; init => field = value == 0 ? 0 : InRange(value, 1024L, long.MaxValue); }

    /// <summary>Bytes of one message; 64 KiB to 4 MiB, 4 MiB by default (Bitswap specification: MUST NOT be larger). A block that does not fit is not here, as far as peers are told.</summary>
    public int MaxMessageSize { get; init => field = InRange(value, 64 * 1024, 4 * Mebi); } = 4 * Mebi;

    /// <summary>Peers that are away whose ledger is kept; 0 to 1 048 576, 1000 by default.</summary>
    public int MaxLedgers { get; init => field = InRange(value, 0, Mebi); } = 1000;

    private static T InRange<T>(T value, T least, T most, [CallerMemberName] string name = "")
        where T : IComparable<T> =>
        value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be {least} to {most}.");
}
