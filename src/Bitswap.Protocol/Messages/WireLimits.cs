using Bitswap.Multiformats;

namespace Bitswap.Protocol.Messages;

/// <summary>Represents bounds on messages, in both directions. Each is refused at construction when out of range.</summary>
public sealed record WireLimits
{
    /// <summary>The largest message, 4 MiB: a message MUST NOT be larger (Bitswap specification, "Wire Format").</summary>
    public const int LargestMessage = BlockRule.MessageSize;

    /// <summary>Gets the limits of a node that was told nothing else.</summary>
    public static WireLimits Default { get; } = new();

    /// <summary>
    /// Gets the most bytes of one message, without its length prefix; 1 KiB to 4 MiB, 4 MiB by default. A longer one is refused by its declared
    /// length, and outgoing ones are split to fit.
    /// </summary>
    public int MaxMessageSize
    {
        get;
        init => field = InRange(value, 1024, LargestMessage);
    } = LargestMessage;

    /// <summary>
    /// Gets the most bytes of a received block; 1 to 4 MiB, 4 MiB by default: whatever fits a message, as in boxo (the specification asks for 2 MiB at
    /// least). A larger one, and one that <see cref="BlockRule"/> refuses, is left out of the decoded message and counted.
    /// </summary>
    public int MaxBlockSize
    {
        get;
        init => field = InRange(value, 1, LargestMessage);
    } = LargestMessage;

    /// <summary>
    /// Gets the most wantlist entries of a received message; 1 to 1 048 576, 65 536 by default: more than boxo's 2 MiB want messages can hold.
    /// A message with more is refused before any is read.
    /// </summary>
    public int MaxEntries
    {
        get;
        init => field = InRange(value, 1, Most);
    } = DefaultCount;

    /// <summary>Gets the most HAVEs and DONT_HAVEs of a received message; range and default as of <see cref="MaxEntries"/>.</summary>
    public int MaxPresences
    {
        get;
        init => field = InRange(value, 1, Most);
    } = DefaultCount;

    /// <summary>Gets the most blocks of a received message; range and default as of <see cref="MaxEntries"/>.</summary>
    public int MaxBlocks
    {
        get;
        init => field = InRange(value, 1, Most);
    } = DefaultCount;

    /// <summary>
    /// Gets the most wantlist entries, and likewise presences, of one outgoing message; 1 to 65 536, 1024 by default: a peer that keeps 1024 wants
    /// (boxo) has no use for more at once.
    /// </summary>
    public int MaxOutgoingEntries
    {
        get;
        init => field = InRange(value, 1, DefaultCount);
    } = 1024;

    private const int DefaultCount = 65_536;
    private const int Most = 1 << 20;

    private static int InRange(int value, int least, int most, [System.Runtime.CompilerServices.CallerMemberName] string name = "") =>
        value >= least && value <= most
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be {least} to {most}.");
}

/// <summary>Represents a frame or message that cannot be read, or that is too large to be written. It costs the sender its stream.</summary>
public sealed class WireException : FormatException
{
    /// <summary><see cref="ErrorId"/> of bytes that are not a message: bad length prefix, bad protobuf, bad CID or CID prefix.</summary>
    public const string InvalidMessage = nameof(InvalidMessage);

    /// <summary><see cref="ErrorId"/> of a message, in or out, over <see cref="WireLimits.MaxMessageSize"/>.</summary>
    public const string MessageTooLarge = nameof(MessageTooLarge);

    /// <summary><see cref="ErrorId"/> of a message with more entries, presences or blocks than <see cref="WireLimits"/> allows.</summary>
    public const string LimitExceeded = nameof(LimitExceeded);

    internal WireException(string errorId, string message, Exception? inner = null)
        : base(message, inner)
    {
        ErrorId = errorId;
    }

    /// <summary>Gets which error it is: one of the constants of this class.</summary>
    public string ErrorId { get; }
}
